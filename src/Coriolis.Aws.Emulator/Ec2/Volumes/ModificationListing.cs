using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>DescribeVolumesModifications: the latest modification of each volume that had one.</summary>
internal static class ModificationListing
{
    private static FilterTable<VolumeRecord> Filters(DateTimeOffset now) => new()
    {
        { "modification-state", volume => ModificationXml.StateOf(volume.Modification!, now) },
        { "original-iops", static volume => volume.Modification!.OriginalIops ?? 0 },
        { "original-size", static volume => volume.Modification!.OriginalSizeGiB },
        { "original-volume-type", static volume => volume.Modification!.OriginalType },
        { "start-time", static volume => volume.Modification!.StartTime },
        { "target-iops", static volume => volume.Iops ?? 0 },
        { "target-size", static volume => volume.SizeGiB },
        { "target-volume-type", static volume => volume.VolumeType },
        { "volume-id", static volume => volume.Id },
    };

    public static void Describe(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "VolumeId", "volumesSet");
        var ids = call.Parameters.List("VolumeId");
        var volumes = ResourceKind.Volume.FindAllOrEvery(call.State.Volumes, ids).ToList();
        if (ids.Count > 0 && volumes.Find(static volume => volume.Modification is null) is { } unmodified)
        {
            throw Ec2Errors.Create("InvalidVolumeModification.NotFound", $"Modification for volume '{unmodified.Id}' does not exist.");
        }

        var modified = volumes.Where(static volume => volume.Modification is not null);
        var page = Pages.Take(call, Filters(call.Now).Apply(call.Parameters, modified), static volume => Pages.Sequence(volume.Sequence));
        call.Response.AddList("volumeModificationSet", page, volume => ModificationXml.Write(call.Response, volume, call.Now));
    }
}
