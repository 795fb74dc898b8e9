using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>Writes volumes.</summary>
internal static class VolumeXml
{
    public static void Write(Ec2Xml xml, VolumeRecord volume)
    {
        xml.Add("volumeId", volume.Id);
        xml.Add("size", volume.SizeGiB);
        xml.Add("snapshotId", volume.SnapshotId ?? "");
        xml.Add("sourceVolumeId", volume.SourceVolumeId);
        xml.Add("availabilityZone", volume.AvailabilityZone);
        xml.Add("availabilityZoneId", ZoneNames.IdOf(volume.AvailabilityZone));
        xml.Add("status", volume.State);
        xml.Add("createTime", volume.CreateTime);
        xml.AddList("attachmentSet", volume.Attachments, attachment => WriteAttachment(xml, volume.Id, attachment));
        xml.Add("encrypted", volume.Encrypted);
        xml.Add("kmsKeyId", volume.KmsKeyArn);
        xml.Add("iops", volume.Iops);
        xml.Add("throughput", volume.Throughput);
        xml.Add("volumeInitializationRate", volume.InitializationRate);
        xml.Add("volumeType", volume.VolumeType);
        xml.Add("fastRestored", volume.SnapshotId is null ? null : false);
        xml.Add("multiAttachEnabled", volume.MultiAttach);
        xml.AddTags(volume.Tags);
    }

    public static void WriteAttachment(Ec2Xml xml, string volumeId, VolumeAttachment attachment)
    {
        xml.Add("volumeId", volumeId);
        xml.Add("instanceId", attachment.InstanceId);
        xml.Add("device", attachment.Device);
        xml.Add("status", attachment.State);
        xml.Add("attachTime", attachment.AttachTime);
        xml.Add("deleteOnTermination", attachment.DeleteOnTermination);
    }
}
