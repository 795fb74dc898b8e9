using System.Net;
using Amazon.EC2;
using Amazon.EC2.Model;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

/// <summary>Finds one instance by id or <c>Name</c> tag and reads everything that a replica needs to know about it.</summary>
internal sealed class InstanceReader(
    IAmazonEC2 ec2, AwsGateway gateway, InstanceTypeCatalog instanceTypes, VolumeReader volumes, ILogger logger)
{
    public async Task<SourceInstance> ReadAsync(string idOrName, CancellationToken cancellationToken)
    {
        using var activity = AwsTelemetry.Activities.StartActivity("inspect instance");
        activity?.SetTag("cloud.provider", "aws").SetTag("cloud.region", gateway.Region);
        try
        {
            var (reservation, instance) = await FindAsync(idOrName, cancellationToken).ConfigureAwait(false);
            activity?.SetTag("coriolis.instance.id", instance.InstanceId);
            Refuse(instance);
            var type = await instanceTypes.GetAsync(instance.InstanceType.Value, cancellationToken).ConfigureAwait(false);
            var volumeIds = (instance.BlockDeviceMappings ?? []).Where(m => m.Ebs?.VolumeId is not null).Select(m => m.Ebs.VolumeId).ToList();
            var volumesById = await volumes.ReadAsync(volumeIds, cancellationToken).ConfigureAwait(false);
            var image = await ReadImageAsync(instance, type, cancellationToken).ConfigureAwait(false);
            var productCodes = instance.ProductCodes is { Count: > 0 }
                ? await volumes.ReadProductCodesAsync(volumeIds, cancellationToken).ConfigureAwait(false)
                : new Dictionary<string, IReadOnlyList<string>>();

            var disks = DiskMapper.Map(instance, volumesById, productCodes, type, image);
            if (!disks.Any(disk => disk.Kind == DiskKind.Volume))
            {
                throw new UnsupportedInstanceException($"Instance {instance.InstanceId} has no EBS volume: there is nothing to replicate.")
                {
                    ResourceId = instance.InstanceId,
                };
            }

            var result = InstanceMapper.Map(gateway.Region, reservation.OwnerId, instance, type, image, disks);
            logger.InstanceRead(result.Id, result.Name, result.Flavor.Name, result.Disks.Count);
            return result;
        }
        catch (Exception error)
        {
            activity.Fail(error);
            throw;
        }
    }

    private async Task<(Reservation Reservation, Instance Instance)> FindAsync(string idOrName, CancellationToken cancellationToken)
    {
        if (Ec2Names.IsInstanceId(idOrName))
        {
            var request = new DescribeInstancesRequest { InstanceIds = [idOrName] };
            var call = new AwsCall("ec2", "DescribeInstances", idOrName);
            try
            {
                var response = await gateway.InvokeAsync(
                    call,
                    token => ec2.DescribeInstancesAsync(request, token),
                    cancellationToken).ConfigureAwait(false);
                return Flatten(response).FirstOrDefault() is { Instance: not null } found
                    ? found
                    : throw AwsErrors.Create(call, gateway.Region, new AwsFailure("InvalidInstanceID.NotFound", "", HttpStatusCode.OK, null));
            }
            catch (InstanceNotFoundException error)
            {
                throw NotFound($"There is no instance {idOrName} in the region {gateway.Region}.", idOrName, error);
            }
        }

        var named = await FindByNameAsync(idOrName, cancellationToken).ConfigureAwait(false);
        return named switch
        {
            [var only] => only,
            [] when idOrName.StartsWith("i-", StringComparison.Ordinal) => throw NotFound(
                $"'{idOrName}' is not a well-formed instance id (i- and 8 or 17 hexadecimal digits), and no instance in the region {gateway.Region} has it as its Name tag.",
                idOrName),
            [] => throw NotFound($"No instance in the region {gateway.Region} has the Name tag '{idOrName}'.", idOrName),
            _ => throw new AmbiguousInstanceException(
                $"{named.Count} instances in the region {gateway.Region} have the Name tag '{idOrName}': {string.Join(", ", named.Select(n => n.Instance.InstanceId))}.",
                [.. named.Select(n => n.Instance.InstanceId)])
            {
                ResourceId = idOrName,
                Remedy = "Name the instance by its id.",
            },
        };
    }

    private async Task<List<(Reservation Reservation, Instance Instance)>> FindByNameAsync(string name, CancellationToken cancellationToken)
    {
        var request = new DescribeInstancesRequest
        {
            Filters = [Ec2Names.Filter("tag:Name", Ec2Names.Literal(name)), InstanceLister.NotTerminated],
        };
        var found = new List<(Reservation, Instance)>();
        do
        {
            var response = await gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeInstances", name),
                token => ec2.DescribeInstancesAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            found.AddRange(Flatten(response));
            request.NextToken = response.NextToken;
        }
        while (!string.IsNullOrEmpty(request.NextToken));

        return found;
    }

    // Only the image knows which firmware an instance prefers when the instance itself does not say.
    private async Task<Image?> ReadImageAsync(Instance instance, InstanceTypeInfo type, CancellationToken cancellationToken)
    {
        if (instance.ImageId is null || (!InstanceMapper.NeedsImage(instance) && type.InstanceStorageSupported != true))
        {
            return null;
        }

        try
        {
            var request = new DescribeImagesRequest { ImageIds = [instance.ImageId] };
            var response = await gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeImages", instance.ImageId),
                token => ec2.DescribeImagesAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            return response.Images?.FirstOrDefault();
        }
        catch (SourceException error) when (error.ErrorCode is "InvalidAMIID.NotFound" or "InvalidAMIID.Unavailable")
        {
            // Images are often deregistered while their instances live on.
            return null;
        }
    }

    private static void Refuse(Instance instance)
    {
        var id = instance.InstanceId;
        if (InstanceMapper.PowerStateOf(instance) == PowerState.Terminated)
        {
            throw new UnsupportedInstanceException($"Instance {id} is {instance.State.Name.Value}: its disks can no longer be captured.") { ResourceId = id };
        }

        if (instance.VirtualizationType is { } virtualization && virtualization != VirtualizationType.Hvm)
        {
            throw new UnsupportedInstanceException(
                $"Instance {id} is {virtualization.Value} (paravirtual): only HVM instances can be replicated.")
            {
                ResourceId = id,
                Remedy = "Move the guest to an HVM image first.",
            };
        }
    }

    private static IEnumerable<(Reservation Reservation, Instance Instance)> Flatten(DescribeInstancesResponse response) =>
        from reservation in response.Reservations ?? []
        from instance in reservation.Instances ?? []
        select (reservation, instance);

    private InstanceNotFoundException NotFound(string message, string id, InstanceNotFoundException? cause = null) => new(message, cause)
    {
        ResourceId = id,
        ErrorCode = cause?.ErrorCode,
        RequestId = cause?.RequestId,
        Remedy = $"The instance must be in the region of the connection, {gateway.Region}.",
    };
}
