using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>DescribeVolumeStatus: every volume is well.</summary>
internal static class VolumeStatusListing
{
    private static readonly FilterTable<VolumeRecord> s_filters = new()
    {
        { "availability-zone", static volume => volume.AvailabilityZone },
        { "availability-zone-id", static volume => ZoneNames.IdOf(volume.AvailabilityZone) },
        { "volume-status.status", Status },
        { "volume-status.details-name", static _ => "io-enabled" },
        { "volume-status.details-status", static _ => "passed" },
    };

    public static void Describe(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "VolumeId", "volumesSet");
        var volumes = ResourceKind.Volume.FindAllOrEvery(call.State.Volumes, call.Parameters.List("VolumeId"));
        var page = Pages.Take(call, s_filters.Apply(call.Parameters, volumes), static volume => Pages.Sequence(volume.Sequence));
        call.Response.AddList("volumeStatusSet", page, volume => Write(call.Response, volume));
    }

    private static string Status(VolumeRecord volume) => volume.State == "creating" ? "insufficient-data" : "ok";

    private static void Write(Ec2Xml xml, VolumeRecord volume)
    {
        xml.Add("volumeId", volume.Id);
        xml.Add("availabilityZone", volume.AvailabilityZone);
        xml.Add("availabilityZoneId", ZoneNames.IdOf(volume.AvailabilityZone));
        xml.Add("volumeStatus", () =>
        {
            xml.Add("status", Status(volume));
            xml.AddList("details", [("io-enabled", "passed"), ("io-performance", "not-applicable"), ("initialization-state", "completed")], detail =>
            {
                xml.Add("name", detail.Item1);
                xml.Add("status", detail.Item2);
            });
        });
        if (volume.SnapshotId is null && volume.SourceVolumeId is null) return;
        xml.Add("initializationStatusDetails", () =>
        {
            xml.Add("initializationType", volume.SourceVolumeId is not null ? "volume-copy" : volume.InitializationRate is null ? "default" : "provisioned-rate");
            xml.Add("progress", 100);
        });
    }
}
