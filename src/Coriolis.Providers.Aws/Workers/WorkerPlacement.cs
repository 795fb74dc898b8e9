using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Where a worker may be, in the order of preference. Snapshots are regional, so any zone will do.</summary>
internal sealed class WorkerPlacement(IAmazonEC2 ec2, AwsGateway gateway, AwsSourceOptions options)
{
    private static readonly string[] s_x86 = ["t3.medium", "t3a.medium", "m5.large", "m6i.large", "c5.large"];
    private static readonly string[] s_arm = ["t4g.medium", "m6g.large", "m7g.large", "c6g.large"];

    /// <summary>Instance types to try after the configured one.</summary>
    public IEnumerable<string> Types(string architecture) =>
        new[] { options.WorkerInstanceType }.Concat(architecture == "arm64" ? s_arm : s_x86).Distinct(StringComparer.Ordinal);

    /// <summary>Subnets of one VPC: the configured one, or the instance's own and then the others, or those of the default VPC.</summary>
    public async Task<IReadOnlyList<Subnet>> SubnetsAsync(SourceInstance source, CancellationToken cancellationToken)
    {
        var preferred = options.WorkerSubnetId ?? source.SubnetId;
        var filter = options.WorkerSubnetId is { } id ? Ec2Names.Filter("subnet-id", id)
            : source.VpcId is { } vpc ? Ec2Names.Filter("vpc-id", vpc)
            : Ec2Names.Filter("default-for-az", "true");
        var response = await gateway.InvokeAsync(
            new AwsCall("ec2", "DescribeSubnets", preferred),
            token => ec2.DescribeSubnetsAsync(new DescribeSubnetsRequest { Filters = [filter] }, token),
            cancellationToken).ConfigureAwait(false);
        var subnets = (response.Subnets ?? []).OrderByDescending(subnet => subnet.SubnetId == preferred).ToList();
        return subnets.Count > 0 ? subnets : throw new SourceException($"There is no subnet for a worker in {gateway.Region}: none matches {filter.Name}.")
        {
            ResourceId = preferred,
            Remedy = "Set worker_subnet_id to a subnet of this region.",
        };
    }

    /// <summary>Whether another type or zone may have what this one has not .</summary>
    public static bool IsAboutCapacity(CoriolisException error) => error.ErrorCode is "InsufficientInstanceCapacity" or "Unsupported"
        or "UnsupportedOperation" or "InsufficientFreeAddressesInSubnet" or "InsufficientAddressCapacity" or "InsufficientHostCapacity"
        or "VcpuLimitExceeded" or "MaxSpotInstanceCountExceeded" or "InstanceLimitExceeded";
}
