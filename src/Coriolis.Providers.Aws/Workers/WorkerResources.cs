using Amazon.EC2;
using Amazon.EC2.Model;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Finds what belongs to workers by its tags, and deletes it in the order of its dependencies.</summary>
internal sealed class WorkerResources(
    IAmazonEC2 ec2, AwsGateway gateway, AwsSourceOptions options, TimeProvider timeProvider, Random random, ILogger logger)
{
    public const string Instance = "instance";
    public const string Volume = "volume";
    public const string SecurityGroup = "security group";
    public const string KeyPair = "key pair";

    /// <summary>The role of everything that a worker consists of.</summary>
    public const string Role = "worker";

    /// <summary>The kinds in the order in which they can be deleted: a group is free when no interface is in it.</summary>
    public static readonly string[] InOrder = [Instance, KeyPair, Volume, SecurityGroup];

    // A terminated instance is listed for up to an hour.
    private static readonly string[] s_alive = ["pending", "running", "stopping", "stopped", "shutting-down"];

    /// <summary>The resources of an owner's workers, or of one replica's, in the order in which they can be deleted.</summary>
    public async Task<IReadOnlyList<WorkerResource>> FindAsync(string? ownerId, string? replicaId, CancellationToken cancellationToken)
    {
        List<Filter> filters =
        [
            Ec2Names.Filter($"tag:{SnapshotTags.Role}", Role),
            ownerId is null ? Ec2Names.Filter("tag-key", SnapshotTags.Owner) : Ec2Names.Filter($"tag:{SnapshotTags.Owner}", Ec2Names.Literal(ownerId)),
            .. replicaId is null ? Array.Empty<Filter>() : [Ec2Names.Filter($"tag:{SnapshotTags.Replica}", Ec2Names.Literal(replicaId))],
        ];
        var instances = await ReadAsync("DescribeInstances", token => ec2.DescribeInstancesAsync(
            new DescribeInstancesRequest { Filters = [.. filters, Ec2Names.Filter("instance-state-name", s_alive)] }, token), cancellationToken).ConfigureAwait(false);
        var volumes = await ReadAsync("DescribeVolumes", token => ec2.DescribeVolumesAsync(
            new DescribeVolumesRequest { Filters = filters }, token), cancellationToken).ConfigureAwait(false);
        var groups = await ReadAsync("DescribeSecurityGroups", token => ec2.DescribeSecurityGroupsAsync(
            new DescribeSecurityGroupsRequest { Filters = filters }, token), cancellationToken).ConfigureAwait(false);
        var keys = await ReadAsync("DescribeKeyPairs", token => ec2.DescribeKeyPairsAsync(
            new DescribeKeyPairsRequest { Filters = filters }, token), cancellationToken).ConfigureAwait(false);
        return
        [
            .. (instances.Reservations ?? []).SelectMany(r => r.Instances ?? []).Select(i => new WorkerResource(Instance, i.InstanceId, i.Tags ?? [], i.LaunchTime) { InstanceType = i.InstanceType?.Value }),
            .. (volumes.Volumes ?? []).Select(v => new WorkerResource(Volume, v.VolumeId, v.Tags ?? [], v.CreateTime) { SizeGiB = v.Size }),
            .. (groups.SecurityGroups ?? []).Select(g => new WorkerResource(SecurityGroup, g.GroupId, g.Tags ?? [], null)),
            .. (keys.KeyPairs ?? []).Select(k => new WorkerResource(KeyPair, k.KeyPairId, k.Tags ?? [], k.CreateTime)),
        ];
    }

    /// <summary>Deletes a resource and waits until it is gone; one that is gone already is a success.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="whenFree">Whether to wait until nothing uses it any more; false when what uses it could not be deleted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CoriolisException">It cannot be deleted.</exception>
    public async Task DeleteAsync(WorkerResource resource, bool whenFree, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), options.PollInterval, timeProvider, random);
        CoriolisException? obstacle = null;
        try
        {
            while (true)
            {
                try
                {
                    if (await TryDeleteAsync(resource, cancellationToken).ConfigureAwait(false))
                    {
                        logger.WorkerResourceDeleted(resource.Type, resource.Id);
                        return;
                    }
                }
                catch (CoriolisException error) when (AwsErrors.IsNotFound(error))
                {
                    if (!resource.IsUnseen || timeProvider.GetElapsedTime(started) > AwsGateway.NotYet)
                    {
                        return;
                    }

                    obstacle = error;
                }
                catch (CoriolisException error) when (whenFree && AwsErrors.RetryOf(error) == AwsRetry.Later)
                {
                    // an interface, an attachment or a group in use goes a little after the instance.
                    obstacle = error;
                }

                logger.DeletePostponed(resource.Id, obstacle?.ErrorCode ?? "it is shutting down");
                await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (obstacle is not null)
        {
            // The time for it is over: what kept it from being deleted says more than that.
            throw obstacle;
        }
    }

    private async Task<bool> TryDeleteAsync(WorkerResource resource, CancellationToken cancellationToken)
    {
        switch (resource.Type)
        {
            case Instance:
                var terminated = await CallAsync(resource, "TerminateInstances", token => ec2.TerminateInstancesAsync(
                    new TerminateInstancesRequest([resource.Id]), token), cancellationToken).ConfigureAwait(false);
                return terminated.TerminatingInstances?.TrueForAll(static change => change.CurrentState.Name == InstanceStateName.Terminated) ?? true;
            case Volume:
                await CallAsync(resource, "DeleteVolume", token => ec2.DeleteVolumeAsync(new DeleteVolumeRequest(resource.Id), token), cancellationToken)
                    .ConfigureAwait(false);
                return true;
            case SecurityGroup:
                await CallAsync(resource, "DeleteSecurityGroup", token => ec2.DeleteSecurityGroupAsync(
                    new DeleteSecurityGroupRequest { GroupId = resource.Id }, token), cancellationToken).ConfigureAwait(false);
                return true;
            default:
                await CallAsync(resource, "DeleteKeyPair", token => ec2.DeleteKeyPairAsync(
                    new DeleteKeyPairRequest { KeyPairId = resource.Id }, token), cancellationToken).ConfigureAwait(false);
                return true;
        }
    }

    private Task<T> CallAsync<T>(WorkerResource resource, string operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        gateway.InvokeAsync(new AwsCall("ec2", operation, resource.Id), call, cancellationToken);

    private Task<T> ReadAsync<T>(string operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        gateway.InvokeAsync(new AwsCall("ec2", operation), call, cancellationToken);
}
