using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>Writes the latest modification of a volume.</summary>
internal static class ModificationXml
{
    public static string StateOf(VolumeModification modification, DateTimeOffset now) =>
        modification.EndTime <= now ? "completed" : Progress(modification, now) == 0 ? "modifying" : "optimizing";

    public static void Write(Ec2Xml xml, VolumeRecord volume, DateTimeOffset now)
    {
        var modification = volume.Modification!;
        xml.Add("volumeId", volume.Id);
        xml.Add("modificationState", StateOf(modification, now));
        xml.Add("targetSize", volume.SizeGiB);
        xml.Add("targetIops", volume.Iops);
        xml.Add("targetVolumeType", volume.VolumeType);
        xml.Add("targetThroughput", volume.Throughput);
        xml.Add("targetMultiAttachEnabled", volume.MultiAttach);
        xml.Add("originalSize", modification.OriginalSizeGiB);
        xml.Add("originalIops", modification.OriginalIops);
        xml.Add("originalVolumeType", modification.OriginalType);
        xml.Add("originalThroughput", modification.OriginalThroughput);
        xml.Add("originalMultiAttachEnabled", modification.OriginalMultiAttach);
        xml.Add("progress", Progress(modification, now));
        xml.Add("startTime", modification.StartTime);
        xml.Add("endTime", modification.EndTime <= now ? modification.EndTime : (DateTimeOffset?)null);
    }

    private static int Progress(VolumeModification modification, DateTimeOffset now) => modification.EndTime <= now
        ? 100
        : (int)(100 * ((now - modification.StartTime) / (modification.EndTime - modification.StartTime)));
}
