using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Where a worker may be, in the order of preference. Snapshots are regional, so any zone will do.</summary>
internal sealed class WorkerPlacement(IAmazonEC2 ec2, AwsGateway gateway, InstanceTypeCatalog types, AwsSourceOptions options)
{
    private static readonly string[] s_x86 = ["t3.medium", "t3a.medium", "m5.large", "m6i.large", "c5.large"];
    private static readonly string[] s_arm = ["t4g.medium", "m6g.large", "m7g.large", "c6g.large"];

    /// <summary>The type to begin with: the configured one, or where the region lacks the default one, the first that it has.</summary>
    public async Task<InstanceTypeInfo> FirstTypeAsync(SourceInstance source, CancellationToken cancellationToken)
    {
        var wanted = options.WorkerInstanceType;
        var type = await types.FindAsync(wanted, cancellationToken).ConfigureAwait(false);
        foreach (var name in wanted == AwsSourceOptions.DefaultWorkerInstanceType ? s_x86 : [])
        {
            type ??= await types.FindAsync(name, cancellationToken).ConfigureAwait(false);
        }

        var problem = type switch
        {
            null => $"it does not exist in {gateway.Region}",
            _ when type.EbsInfo?.EncryptionSupport == EbsEncryptionSupport.Unsupported && source.Disks.Any(static disk => disk.Encrypted) =>
                "it does not support encrypted volumes",
            _ => null,
        };
        return problem is null ? type! : throw new SourceException($"{wanted} cannot be the instance type of a worker: {problem}.")
        {
            ResourceId = wanted,
            Remedy = "Set worker_instance_type to another type; coriolis-aws options lists them.",
        };
    }

    /// <summary>The names of the types to try one after the other.</summary>
    public static IEnumerable<string> TypesFrom(InstanceTypeInfo first, string architecture) =>
        new[] { first.InstanceType.Value }.Concat(architecture == "arm64" ? s_arm : s_x86).Distinct(StringComparer.Ordinal);

    /// <summary>Subnets of one VPC: the configured one, or the instance's own and then the others, or those of the default VPC.</summary>
    public async Task<IReadOnlyList<Subnet>> SubnetsAsync(SourceInstance source, CancellationToken cancellationToken)
    {
        var preferred = options.WorkerSubnetId ?? source.SubnetId;
        var filter = options.WorkerSubnetId is { } id ? Ec2Names.Filter("subnet-id", id)
            : source.VpcId is { } vpc ? Ec2Names.Filter("vpc-id", vpc)
            : Ec2Names.Filter("default-for-az", "true");
        var found = await ListAsync(preferred, [filter], cancellationToken).ConfigureAwait(false);
        if (found.Count == 0)
        {
            var others = await ListAsync(null, [], cancellationToken).ConfigureAwait(false);
            throw NoSubnet(preferred, others);
        }

        // A subnet without addresses is the last to be tried rather than left out: AWS counts with a delay.
        return [.. found.OrderByDescending(subnet => subnet.SubnetId == preferred).ThenByDescending(static subnet => subnet.AvailableIpAddressCount > 0)];
    }

    private async Task<IReadOnlyList<Subnet>> ListAsync(string? resourceId, List<Filter> filters, CancellationToken cancellationToken)
    {
        var response = await gateway.InvokeAsync(
            new AwsCall("ec2", "DescribeSubnets", resourceId),
            token => ec2.DescribeSubnetsAsync(new DescribeSubnetsRequest { Filters = filters }, token),
            cancellationToken).ConfigureAwait(false);
        return response.Subnets ?? [];
    }

    private SourceException NoSubnet(string? wanted, IReadOnlyList<Subnet> others)
    {
        var candidates = string.Join(", ", others.Take(5).Select(static subnet => $"{subnet.SubnetId} ({subnet.VpcId}, {subnet.AvailabilityZone})"));
        return new SourceException(wanted is null
            ? $"There is no subnet for a worker in {gateway.Region}: the instance is in no VPC, and there is no default VPC."
            : $"The subnet {wanted} for workers does not exist in {gateway.Region}.")
        {
            ResourceId = wanted,
            Remedy = candidates.Length == 0
                ? "Create a subnet, or use the read path direct."
                : $"Set worker_subnet_id to a subnet of this region, for example one of {candidates}.",
        };
    }

    /// <summary>Whether another type or zone may have what this one has not, be it refused or taken back.</summary>
    public static bool IsAboutCapacity(CoriolisException error) => error.ErrorCode is "InsufficientInstanceCapacity" or "Unsupported"
        or "UnsupportedOperation" or "InsufficientFreeAddressesInSubnet" or "InsufficientAddressCapacity" or "InsufficientHostCapacity"
        or "VcpuLimitExceeded" or "MaxSpotInstanceCountExceeded" or "InstanceLimitExceeded" or "Server.InsufficientInstanceCapacity"
        or "Server.InternalError";
}
