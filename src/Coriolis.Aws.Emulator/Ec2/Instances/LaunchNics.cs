using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Instances;

/// <summary>The network interfaces that an instance is launched with.</summary>
internal static class LaunchNics
{
    public sealed record Nic(SubnetRecord Subnet, IReadOnlyList<string> GroupIds, int DeviceIndex)
    {
        public string? PrivateIp { get; init; }

        public bool PublicIp { get; init; }

        public string Description { get; init; } = "";
    }

    public static IReadOnlyList<Nic> Read(Ec2Call call)
    {
        var parameters = call.Parameters;
        var zone = parameters.Text("Placement.AvailabilityZone")
            ?? (parameters.Text("Placement.AvailabilityZoneId") is { } zoneId ? ZoneNames.RequireById(call.Region.Name, zoneId) : null);
        var specified = parameters.Structures("NetworkInterface");
        if (specified.Count == 0)
        {
            var groups = SubnetChoice.FindGroups(call.Region, parameters.List("SecurityGroupId"), parameters.List("SecurityGroup"));
            var subnet = SubnetChoice.Find(call.Region, parameters.Text("SubnetId"), zone);
            // Subnets of a default VPC give public addresses.
            return [new Nic(subnet, groups, 0) { PrivateIp = parameters.Text("PrivateIpAddress"), PublicIp = true }];
        }

        if (parameters.Has("SubnetId") || parameters.Has("SecurityGroupId") || parameters.Has("SecurityGroup"))
        {
            throw Ec2Errors.InvalidCombination("Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request");
        }

        var nics = specified.Select(item => ReadOne(call, item, zone)).OrderBy(static nic => nic.DeviceIndex).ToList();
        if (nics[0].DeviceIndex != 0) throw Ec2Errors.InvalidCombination("A network interface with device index 0 is required.");
        if (nics.DistinctBy(static nic => nic.DeviceIndex).Count() != nics.Count)
        {
            throw Ec2Errors.InvalidCombination("Two network interfaces have the same device index.");
        }

        return nics.DistinctBy(static nic => nic.Subnet.AvailabilityZone).Count() == 1
            ? nics
            : throw Ec2Errors.InvalidCombination("All network interfaces of an instance must be in the same availability zone.");
    }

    /// <summary>Finds addresses for the interfaces of all instances of a launch, so that no launch ends in the middle for want of one.</summary>
    public static IReadOnlyList<IReadOnlyList<Nic>> PlaceAll(Ec2Call call, IReadOnlyList<Nic> nics, int instances)
    {
        var all = Enumerable.Repeat(nics, instances).SelectMany(static nics => nics).ToList();
        var addresses = AddressPool.TakePrivateIps(call.Region, [.. all.Select(static nic => (nic.Subnet, nic.PrivateIp))]);
        return [.. all.Zip(addresses, static (nic, address) => nic with { PrivateIp = address }).Chunk(nics.Count)];
    }

    /// <summary>Makes the interfaces of one new instance, which have been placed.</summary>
    public static void Create(Ec2Call call, IReadOnlyList<Nic> nics, string instanceId, IReadOnlyDictionary<string, string> tags)
    {
        foreach (var nic in nics)
        {
            var (id, sequence) = call.Region.NextId("eni");
            call.State.NetworkInterfaces[id] = new NetworkInterfaceRecord
            {
                Id = id,
                Sequence = sequence,
                Tags = tags,
                SubnetId = nic.Subnet.Id,
                VpcId = nic.Subnet.VpcId,
                AvailabilityZone = nic.Subnet.AvailabilityZone,
                MacAddress = AddressPool.NextMac(call.Region),
                PrivateIp = nic.PrivateIp!,
                PublicIp = nic.PublicIp ? AddressPool.NextPublicIp(call.Region) : null,
                GroupIds = nic.GroupIds,
                InstanceId = instanceId,
                AttachmentId = call.Region.NextId("eni-attach").Id,
                DeviceIndex = nic.DeviceIndex,
                Description = nic.Description,
                AttachTime = call.Now,
            };
        }
    }

    private static Nic ReadOne(Ec2Call call, QueryParameters nic, string? zone)
    {
        if (nic.Has("NetworkInterfaceId"))
        {
            throw Ec2Errors.Unsupported("The emulator has no network interfaces that exist without an instance; leave NetworkInterfaceId out.");
        }

        if (nic.Boolean("DeleteOnTermination") is false)
        {
            throw Ec2Errors.Unsupported("The emulator has no network interfaces that outlive their instance; leave DeleteOnTermination out.");
        }

        var subnet = SubnetChoice.Find(call.Region, nic.Text("SubnetId"), zone);
        var groups = SubnetChoice.FindGroups(call.Region, nic.List("SecurityGroupId"), []);
        return new Nic(subnet, groups, nic.Integer("DeviceIndex") ?? 0)
        {
            PrivateIp = nic.Text("PrivateIpAddress"),
            PublicIp = nic.Boolean("AssociatePublicIpAddress") ?? false,
            Description = nic.Text("Description") ?? "",
        };
    }
}
