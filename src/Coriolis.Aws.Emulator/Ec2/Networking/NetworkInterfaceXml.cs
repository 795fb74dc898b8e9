using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Networking;

/// <summary>Writes network interfaces, on their own and as a part of instances.</summary>
internal static class NetworkInterfaceXml
{
    public static void WriteGroups(Ec2Xml xml, IEnumerable<SecurityGroupRecord> groups) => xml.AddList("groupSet", groups, group =>
    {
        xml.Add("groupId", group.Id);
        xml.Add("groupName", group.Name);
    });

    public static void Write(Ec2Xml xml, Region region, NetworkInterfaceRecord nic)
    {
        WriteShared(xml, region, nic);
        xml.Add("availabilityZone", nic.AvailabilityZone);
        xml.Add("availabilityZoneId", ZoneNames.IdOf(nic.AvailabilityZone));
        xml.Add("requesterManaged", false);
        xml.AddTags(nic.Tags);
        xml.Add("attachment", () =>
        {
            WriteAttachment(xml, nic);
            xml.Add("instanceId", nic.InstanceId);
            xml.Add("instanceOwnerId", region.AccountId);
        });
    }

    public static void WriteOfInstance(Ec2Xml xml, Region region, NetworkInterfaceRecord nic)
    {
        WriteShared(xml, region, nic);
        xml.Add("attachment", () => WriteAttachment(xml, nic));
    }

    private static void WriteShared(Ec2Xml xml, Region region, NetworkInterfaceRecord nic)
    {
        xml.Add("networkInterfaceId", nic.Id);
        xml.Add("subnetId", nic.SubnetId);
        xml.Add("vpcId", nic.VpcId);
        xml.Add("description", nic.Description);
        xml.Add("ownerId", region.AccountId);
        xml.Add("status", "in-use");
        xml.Add("macAddress", nic.MacAddress);
        xml.Add("privateIpAddress", nic.PrivateIp);
        xml.Add("privateDnsName", DnsNames.Private(region.Name, nic.PrivateIp));
        xml.Add("sourceDestCheck", true);
        xml.Add("interfaceType", "interface");
        WriteGroups(xml, nic.GroupIds.Select(id => region.State.SecurityGroups.GetValueOrDefault(id)).OfType<SecurityGroupRecord>());
        WriteAssociation(xml, region, nic);
        xml.AddList("privateIpAddressesSet", [nic.PrivateIp], address =>
        {
            xml.Add("privateIpAddress", address);
            xml.Add("privateDnsName", DnsNames.Private(region.Name, address));
            xml.Add("primary", true);
            WriteAssociation(xml, region, nic);
        });
    }

    private static void WriteAttachment(Ec2Xml xml, NetworkInterfaceRecord nic)
    {
        xml.Add("attachmentId", nic.AttachmentId);
        xml.Add("deviceIndex", nic.DeviceIndex);
        xml.Add("networkCardIndex", 0);
        xml.Add("status", "attached");
        xml.Add("attachTime", nic.AttachTime);
        xml.Add("deleteOnTermination", true);
    }

    private static void WriteAssociation(Ec2Xml xml, Region region, NetworkInterfaceRecord nic)
    {
        if (nic.PublicIp is not { } publicIp) return;
        xml.Add("association", () =>
        {
            xml.Add("ipOwnerId", "amazon");
            xml.Add("publicIp", publicIp);
            xml.Add("publicDnsName", DnsNames.Public(region.Name, publicIp));
        });
    }
}
