using System.Globalization;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Snapshots;

/// <summary>Writes snapshots. CreateSnapshots calls the state <c>state</c>, everything else <c>status</c>.</summary>
internal static class SnapshotXml
{
    public static void Write(Ec2Xml xml, SnapshotRecord snapshot, DateTimeOffset now)
    {
        WriteShared(xml, snapshot, now);
        xml.Add("status", snapshot.State);
        xml.Add("statusMessage", snapshot.StateMessage);
        xml.Add("completionTime", snapshot.CompletionTime);
        xml.Add("kmsKeyId", snapshot.KmsKeyArn);
        xml.Add("storageTier", "standard");
        xml.Add("transferType", snapshot.IsCopy ? "standard" : null);
    }

    public static void WriteOfSet(Ec2Xml xml, SnapshotRecord snapshot, DateTimeOffset now)
    {
        WriteShared(xml, snapshot, now);
        xml.Add("state", snapshot.State);
    }

    private static void WriteShared(Ec2Xml xml, SnapshotRecord snapshot, DateTimeOffset now)
    {
        xml.Add("snapshotId", snapshot.Id);
        xml.Add("volumeId", snapshot.VolumeId);
        xml.Add("startTime", snapshot.StartTime);
        xml.Add("progress", Progress(snapshot, now));
        xml.Add("ownerId", snapshot.OwnerId);
        xml.Add("volumeSize", snapshot.VolumeSizeGiB);
        xml.Add("description", snapshot.Description);
        xml.Add("encrypted", snapshot.Encrypted);
        xml.AddTags(snapshot.Tags);
    }

    public static string Progress(SnapshotRecord snapshot, DateTimeOffset now)
    {
        if (snapshot.State == "completed") return "100%";
        if (snapshot.Next is not { } next) return "0%";
        var total = next.At - snapshot.StartTime;
        // 100% is said only of a completed snapshot.
        var percent = total <= TimeSpan.Zero ? 0 : Math.Clamp((int)(100 * ((now - snapshot.StartTime) / total)), 0, 99);
        return percent.ToString(CultureInfo.InvariantCulture) + "%";
    }
}
