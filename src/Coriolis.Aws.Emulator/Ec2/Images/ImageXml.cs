using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Images;

/// <summary>Writes images.</summary>
internal static class ImageXml
{
    public static void Write(Ec2Xml xml, ImageRecord image)
    {
        xml.Add("imageId", image.Id);
        xml.Add("imageLocation", $"{image.OwnerAlias ?? image.OwnerId}/{image.Name}");
        xml.Add("imageState", "available");
        xml.Add("imageOwnerId", image.OwnerId);
        xml.Add("imageOwnerAlias", image.OwnerAlias);
        xml.Add("creationDate", Ec2Xml.Timestamp(image.CreationDate));
        xml.Add("isPublic", image.Public);
        InstanceXml.WriteProductCodes(xml, image.ProductCodes);
        xml.Add("architecture", image.Architecture);
        xml.Add("imageType", "machine");
        xml.Add("platform", image.Platform);
        xml.Add("platformDetails", image.PlatformDetails);
        xml.Add("usageOperation", image.UsageOperation);
        xml.AddList("blockDeviceMapping", image.Devices, device => WriteDevice(xml, device));
        xml.Add("name", image.Name);
        xml.Add("description", image.Description);
        xml.Add("enaSupport", image.EnaSupport);
        xml.Add("hypervisor", "xen");
        xml.Add("rootDeviceName", image.RootDeviceName);
        xml.Add("rootDeviceType", "ebs");
        xml.Add("virtualizationType", image.VirtualizationType);
        xml.Add("bootMode", image.BootMode);
        xml.Add("tpmSupport", image.TpmSupport);
        xml.Add("imdsSupport", image.ImdsSupport);
        xml.AddTags(image.Tags);
    }

    private static void WriteDevice(Ec2Xml xml, ImageDevice device)
    {
        xml.Add("deviceName", device.DeviceName);
        xml.Add("virtualName", device.VirtualName);
        if (device.VirtualName is not null) return;
        xml.Add("ebs", () =>
        {
            xml.Add("snapshotId", device.SnapshotId);
            xml.Add("volumeSize", device.SizeGiB);
            xml.Add("volumeType", device.VolumeType);
            xml.Add("iops", device.Iops);
            xml.Add("throughput", device.Throughput);
            xml.Add("deleteOnTermination", device.DeleteOnTermination);
            xml.Add("encrypted", device.Encrypted);
        });
    }
}
