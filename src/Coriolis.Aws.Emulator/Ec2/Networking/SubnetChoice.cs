using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Networking;

/// <summary>Finds where a new instance goes.</summary>
internal static class SubnetChoice
{
    public static SubnetRecord Find(Region region, string? subnetId, string? zone)
    {
        if (subnetId is null) return region.State.Vpcs.Values.Any(static vpc => vpc.IsDefault) ? Any(region, zone) : throw NoDefaultVpc();
        var subnet = ResourceKind.Subnet.Find(region.State.Subnets, subnetId);
        return zone is null || subnet.AvailabilityZone == zone
            ? subnet
            : throw Ec2Errors.InvalidValue($"The subnet '{subnetId}' is in the zone {subnet.AvailabilityZone}, not in {zone}.");
    }

    /// <summary>What AWS answers to calls that need a default VPC.</summary>
    public static AwsErrorException NoDefaultVpc() => Ec2Errors.Create("VPCIdNotSpecified", "No default VPC for this user");

    /// <summary>A subnet of the zone, or of any.</summary>
    public static SubnetRecord Any(Region region, string? zone)
    {
        var subnets = region.State.Subnets.Values.OrderBy(static subnet => subnet.AvailabilityZone, StringComparer.Ordinal);
        if (zone is null) return subnets.First();
        return subnets.FirstOrDefault(subnet => subnet.AvailabilityZone == zone)
            ?? throw Ec2Errors.InvalidValue($"Invalid availability zone: [{zone}]");
    }

    /// <summary>The groups of a network interface: by id, by name, or the VPC's default group.</summary>
    public static IReadOnlyList<string> FindGroups(Region region, IReadOnlyList<string> ids, IReadOnlyList<string> names)
    {
        var groups = ResourceKind.SecurityGroup.FindAll(region.State.SecurityGroups, ids)
            .Concat(names.Select(name => region.State.SecurityGroups.Values.FirstOrDefault(group => group.Name == name)
                ?? throw Ec2Errors.Create("InvalidGroup.NotFound", $"The security group '{name}' does not exist in default VPC")))
            .Select(static group => group.Id)
            .Distinct()
            .ToList();
        return groups.Count > 0
            ? groups
            : [region.State.SecurityGroups.Values.First(static group => group.Name == RegionFurnishing.DefaultGroupName).Id];
    }
}
