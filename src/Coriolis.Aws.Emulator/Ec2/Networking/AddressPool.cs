using System.Globalization;
using System.Net;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Networking;

/// <summary>Hands out MAC and IP addresses.</summary>
internal static class AddressPool
{
    // AWS keeps the first four addresses of a subnet and the last one; a /20 has 4,096.
    private const int FirstHost = 4;
    private const int LastHost = 4094;

    public static string NextMac(Region region)
    {
        var bytes = region.NextBytes("mac");
        return $"02:{bytes[0]:x2}:{bytes[1]:x2}:{bytes[2]:x2}:{bytes[3]:x2}:{bytes[4]:x2}";
    }

    public static string NextPublicIp(Region region)
    {
        var bytes = region.NextBytes("ip");
        // 203.0.113.0/24 is the documentation range; 198.18.0.0/15 the one for benchmarks, which has room enough.
        return string.Create(CultureInfo.InvariantCulture, $"198.{18 + (bytes[0] & 1)}.{bytes[1]}.{Math.Clamp((int)bytes[2], 1, 254)}");
    }

    /// <summary>Takes the public addresses back that an instance had, as AWS does when it has stopped.</summary>
    public static void ReleasePublicIps(Region region, string instanceId)
    {
        foreach (var nic in region.State.NetworkInterfaces.Values.Where(nic => nic.InstanceId == instanceId && nic.PublicIp is not null))
        {
            region.State.NetworkInterfaces[nic.Id] = nic with { PublicIp = null, PublicIpReleased = true };
        }
    }

    /// <summary>Gives an instance new public addresses in the place of those that it had before it stopped.</summary>
    public static void RenewPublicIps(Region region, string instanceId)
    {
        foreach (var nic in region.State.NetworkInterfaces.Values.Where(nic => nic.InstanceId == instanceId && nic.PublicIpReleased))
        {
            region.State.NetworkInterfaces[nic.Id] = nic with { PublicIp = NextPublicIp(region), PublicIpReleased = false };
        }
    }

    /// <summary>Addresses for interfaces that are all to be made: the requested ones, and the first free ones for the others.</summary>
    public static IReadOnlyList<string> TakePrivateIps(Region region, IReadOnlyList<(SubnetRecord Subnet, string? Requested)> interfaces)
    {
        var used = region.State.NetworkInterfaces.Values.Select(static nic => nic.PrivateIp).ToHashSet(StringComparer.Ordinal);
        foreach (var (subnet, requested) in interfaces)
        {
            if (requested is null) continue;
            if (!Contains(subnet, requested)) throw Ec2Errors.InvalidValue($"Address {requested} does not fall within the subnet's address range");
            if (!used.Add(requested)) throw Ec2Errors.Create("InvalidIPAddress.InUse", $"Address {requested} is in use.");
        }

        return [.. interfaces.Select(item => item.Requested ?? TakeFree(item.Subnet, used))];
    }

    public static int CountFree(Region region, SubnetRecord subnet) =>
        LastHost - FirstHost + 1 - region.State.NetworkInterfaces.Values.Count(nic => nic.SubnetId == subnet.Id);

    private static string TakeFree(SubnetRecord subnet, HashSet<string> used)
    {
        for (var host = FirstHost; host <= LastHost; host++)
        {
            var address = Address(subnet, host);
            if (used.Add(address)) return address;
        }

        throw Ec2Errors.Create("InsufficientFreeAddressesInSubnet", $"There are not enough free addresses in subnet '{subnet.Id}' to satisfy the requested number of instances.");
    }

    private static string Address(SubnetRecord subnet, int host)
    {
        var network = IPAddress.Parse(subnet.CidrBlock.Split('/')[0]).GetAddressBytes();
        return string.Create(CultureInfo.InvariantCulture, $"{network[0]}.{network[1]}.{network[2] + (host / 256)}.{host % 256}");
    }

    private static bool Contains(SubnetRecord subnet, string address) =>
        // One spelling of each address, so that two are the same when their texts are.
        IPAddress.TryParse(address, out var parsed) && parsed.ToString() == address && IPNetwork.Parse(subnet.CidrBlock).Contains(parsed);
}
