using System.Globalization;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Networking;

/// <summary>Lists VPCs, subnets and network interfaces.</summary>
internal static class NetworkListing
{
    private static readonly FilterTable<VpcRecord> s_vpcFilters = new FilterTable<VpcRecord>
    {
        { "cidr", static vpc => vpc.CidrBlock },
        { "cidr-block-association.cidr-block", static vpc => vpc.CidrBlock },
        { "is-default", static vpc => vpc.IsDefault },
        { "isDefault", static vpc => vpc.IsDefault },
        { "state", static _ => "available" },
        { "vpc-id", static vpc => vpc.Id },
    }.WithTags(static vpc => vpc.Tags);

    private static readonly FilterTable<SubnetRecord> s_subnetFilters = new FilterTable<SubnetRecord>
    {
        { "availability-zone", static subnet => subnet.AvailabilityZone },
        { "availability-zone-id", static subnet => ZoneNames.IdOf(subnet.AvailabilityZone) },
        { "availabilityZone", static subnet => subnet.AvailabilityZone },
        { "cidr-block", static subnet => subnet.CidrBlock },
        { "default-for-az", static subnet => subnet.IsDefault },
        { "defaultForAz", static subnet => subnet.IsDefault },
        { "map-public-ip-on-launch", static _ => true },
        { "state", static _ => "available" },
        { "subnet-id", static subnet => subnet.Id },
        { "vpc-id", static subnet => subnet.VpcId },
    }.WithTags(static subnet => subnet.Tags);

    private static readonly FilterTable<NetworkInterfaceRecord> s_interfaceFilters = new FilterTable<NetworkInterfaceRecord>
    {
        { "addresses.private-ip-address", static nic => nic.PrivateIp },
        { "association.public-ip", static nic => nic.PublicIp },
        { "attachment.attachment-id", static nic => nic.AttachmentId },
        { "attachment.delete-on-termination", static _ => true },
        { "attachment.device-index", static nic => nic.DeviceIndex.ToString(CultureInfo.InvariantCulture) },
        { "attachment.instance-id", static nic => nic.InstanceId },
        { "attachment.status", static _ => "attached" },
        { "availability-zone", static nic => nic.AvailabilityZone },
        { "description", static nic => nic.Description },
        { "group-id", static nic => nic.GroupIds },
        { "interface-type", static _ => "interface" },
        { "mac-address", static nic => nic.MacAddress },
        { "network-interface-id", static nic => nic.Id },
        { "private-ip-address", static nic => nic.PrivateIp },
        { "status", static _ => "in-use" },
        { "subnet-id", static nic => nic.SubnetId },
        { "vpc-id", static nic => nic.VpcId },
    }.WithTags(static nic => nic.Tags);

    public static void DescribeVpcs(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "VpcId", "vpcIds");
        var vpcs = ResourceKind.Vpc.FindAllOrEvery(call.State.Vpcs, call.Parameters.List("VpcId"));
        var page = Pages.Take(call, s_vpcFilters.Apply(call.Parameters, vpcs), static vpc => Pages.Sequence(vpc.Sequence));
        var xml = call.Response;
        xml.AddList("vpcSet", page, vpc =>
        {
            xml.Add("vpcId", vpc.Id);
            xml.Add("ownerId", call.AccountId);
            xml.Add("state", "available");
            xml.Add("cidrBlock", vpc.CidrBlock);
            xml.Add("instanceTenancy", "default");
            xml.Add("isDefault", vpc.IsDefault);
            xml.AddTags(vpc.Tags);
        });
    }

    public static void DescribeSubnets(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "SubnetId", "subnetIds");
        var subnets = ResourceKind.Subnet.FindAllOrEvery(call.State.Subnets, call.Parameters.List("SubnetId"));
        var page = Pages.Take(call, s_subnetFilters.Apply(call.Parameters, subnets), static subnet => Pages.Sequence(subnet.Sequence));
        var xml = call.Response;
        xml.AddList("subnetSet", page, subnet =>
        {
            xml.Add("subnetId", subnet.Id);
            xml.Add("subnetArn", call.Region.Arn("ec2", $"subnet/{subnet.Id}"));
            xml.Add("ownerId", call.AccountId);
            xml.Add("state", "available");
            xml.Add("vpcId", subnet.VpcId);
            xml.Add("cidrBlock", subnet.CidrBlock);
            xml.Add("availableIpAddressCount", AddressPool.CountFree(call.Region, subnet));
            xml.Add("availabilityZone", subnet.AvailabilityZone);
            xml.Add("availabilityZoneId", ZoneNames.IdOf(subnet.AvailabilityZone));
            xml.Add("defaultForAz", subnet.IsDefault);
            xml.Add("mapPublicIpOnLaunch", true);
            xml.Add("assignIpv6AddressOnCreation", false);
            xml.AddTags(subnet.Tags);
        });
    }

    public static void DescribeInterfaces(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "NetworkInterfaceId", "networkInterfaceIds");
        var nics = ResourceKind.NetworkInterface.FindAllOrEvery(call.State.NetworkInterfaces, call.Parameters.List("NetworkInterfaceId"));
        var page = Pages.Take(call, s_interfaceFilters.Apply(call.Parameters, nics), static nic => Pages.Sequence(nic.Sequence));
        call.Response.AddList("networkInterfaceSet", page, nic => NetworkInterfaceXml.Write(call.Response, call.Region, nic));
    }

    /// <summary>The emulator has no elastic addresses; the list is always empty.</summary>
    public static void DescribeAddresses(Ec2Call call)
    {
        if (call.Parameters.List("AllocationId") is [var id, ..])
        {
            throw Ec2Errors.Create("InvalidAllocationID.NotFound", $"The allocation ID '{id}' does not exist");
        }

        if (call.Parameters.List("PublicIp") is [var ip, ..]) throw Ec2Errors.Create("InvalidAddress.NotFound", $"Address '{ip}' not found.");
        call.Response.AddList("addressesSet", Array.Empty<string>());
    }
}
