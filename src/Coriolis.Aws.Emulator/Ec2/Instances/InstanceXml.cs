using Coriolis.Aws.Emulator.Ec2.InstanceTypes;
using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Instances;

/// <summary>Writes instances and reservations.</summary>
internal static class InstanceXml
{
    public static void WriteReservation(Ec2Xml xml, Region region, string reservationId, IEnumerable<InstanceView> views)
    {
        xml.Add("reservationId", reservationId);
        xml.Add("ownerId", region.AccountId);
        xml.AddList("groupSet", Array.Empty<string>());
        xml.AddList("instancesSet", views, view => Write(xml, region, view));
    }

    public static void WriteState(Ec2Xml xml, string name, string state) => xml.Add(name, () =>
    {
        xml.Add("code", InstanceStates.CodeOf(state));
        xml.Add("name", state);
    });

    public static void WriteProductCodes(Ec2Xml xml, IReadOnlyList<string> codes) => xml.AddList("productCodes", codes, code =>
    {
        xml.Add("productCode", code);
        xml.Add("type", "marketplace");
    });

    public static void WriteDevices(Ec2Xml xml, InstanceView view) => xml.AddList("blockDeviceMapping", view.Devices, device =>
    {
        xml.Add("deviceName", device.Attachment.Device);
        xml.Add("ebs", () =>
        {
            xml.Add("volumeId", device.Volume.Id);
            xml.Add("status", device.Attachment.State);
            xml.Add("attachTime", device.Attachment.AttachTime);
            xml.Add("deleteOnTermination", device.Attachment.DeleteOnTermination);
        });
    });

    private static void Write(Ec2Xml xml, Region region, InstanceView view)
    {
        var instance = view.Instance;
        xml.Add("instanceId", instance.Id);
        xml.Add("imageId", instance.ImageId);
        WriteState(xml, "instanceState", instance.State);
        WriteNetwork(xml, region, view);
        xml.Add("keyName", instance.KeyName);
        xml.Add("amiLaunchIndex", instance.LaunchIndex);
        WriteProductCodes(xml, instance.ProductCodes);
        xml.Add("instanceType", instance.InstanceType);
        xml.Add("launchTime", instance.LaunchTime);
        xml.Add("placement", () =>
        {
            xml.Add("availabilityZone", instance.AvailabilityZone);
            xml.Add("availabilityZoneId", ZoneNames.IdOf(instance.AvailabilityZone));
            xml.Add("groupName", "");
            xml.Add("tenancy", "default");
        });
        xml.Add("platform", instance.Platform);
        xml.Add("platformDetails", instance.PlatformDetails);
        xml.Add("usageOperation", instance.UsageOperation);
        xml.Add("usageOperationUpdateTime", instance.LaunchTime);
        xml.Add("monitoring", () => xml.Add("state", instance.DetailedMonitoring ? "enabled" : "disabled"));
        xml.Add("architecture", instance.Architecture);
        xml.Add("virtualizationType", instance.VirtualizationType);
        xml.Add("hypervisor", "xen");
        xml.Add("rootDeviceType", instance.RootDeviceType);
        xml.Add("rootDeviceName", instance.RootDeviceName);
        xml.Add("bootMode", instance.BootMode);
        xml.Add("currentInstanceBootMode", instance.BootMode is "uefi" or "uefi-preferred" ? "uefi" : "legacy-bios");
        WriteDevices(xml, view);
        xml.Add("clientToken", instance.ClientToken ?? "");
        xml.Add("ebsOptimized", instance.EbsOptimized);
        xml.Add("enaSupport", instance.EnaSupport);
        xml.Add("instanceLifecycle", instance.Spot ? "spot" : null);
        xml.Add("reason", instance.TransitionReason);
        if (instance.StateReasonCode is not null)
        {
            xml.Add("stateReason", () =>
            {
                xml.Add("code", instance.StateReasonCode);
                xml.Add("message", instance.StateReason);
            });
        }

        if (instance.IamInstanceProfileArn is { } profile) xml.Add("iamInstanceProfile", () => xml.Add("arn", profile));
        WriteOptions(xml, instance);
        xml.AddTags(instance.Tags);
    }

    private static void WriteOptions(Ec2Xml xml, InstanceRecord instance)
    {
        if (InstanceTypeTable.All.TryGetValue(instance.InstanceType, out var type))
        {
            xml.Add("cpuOptions", () =>
            {
                xml.Add("coreCount", Math.Max(1, type.VCpus / type.Family.ThreadsPerCore));
                xml.Add("threadsPerCore", type.Family.ThreadsPerCore);
            });
        }

        xml.Add("hibernationOptions", () => xml.Add("configured", instance.HibernationConfigured));
        MetadataOperations.Write(xml, "metadataOptions", instance.Metadata, "applied");
        xml.Add("enclaveOptions", () => xml.Add("enabled", false));
        xml.Add("maintenanceOptions", () => xml.Add("autoRecovery", "default"));
    }

    private static void WriteNetwork(Ec2Xml xml, Region region, InstanceView view)
    {
        var instance = view.Instance;
        if (!view.HasNetwork)
        {
            xml.Add("privateDnsName", "");
            xml.Add("dnsName", "");
            return;
        }

        var publicIp = view.Nics[0].PublicIp;
        xml.Add("privateDnsName", DnsNames.Private(region.Name, instance.PrivateIp));
        xml.Add("privateIpAddress", instance.PrivateIp);
        xml.Add("dnsName", publicIp is null ? "" : DnsNames.Public(region.Name, publicIp));
        xml.Add("ipAddress", publicIp);
        xml.Add("subnetId", instance.SubnetId);
        xml.Add("vpcId", instance.VpcId);
        xml.Add("sourceDestCheck", instance.SourceDestCheck);
        NetworkInterfaceXml.WriteGroups(xml, view.Groups);
        xml.Add("privateDnsNameOptions", () =>
        {
            xml.Add("hostnameType", "ip-name");
            xml.Add("enableResourceNameDnsARecord", false);
            xml.Add("enableResourceNameDnsAAAARecord", false);
        });
        xml.AddList("networkInterfaceSet", view.Nics, nic => NetworkInterfaceXml.WriteOfInstance(xml, region, nic));
    }
}
