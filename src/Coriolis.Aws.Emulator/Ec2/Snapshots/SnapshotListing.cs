using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Snapshots;

/// <summary>DescribeSnapshots.</summary>
internal static class SnapshotListing
{
    private const string Everyone = "all";

    private static FilterTable<SnapshotRecord> Filters(DateTimeOffset now) => new FilterTable<SnapshotRecord>
    {
        { "description", static snapshot => snapshot.Description },
        { "encrypted", static snapshot => snapshot.Encrypted },
        { "owner-alias", static _ => (string?)null },
        { "owner-id", static snapshot => snapshot.OwnerId },
        { "progress", snapshot => SnapshotXml.Progress(snapshot, now) },
        { "snapshot-id", static snapshot => snapshot.Id },
        { "start-time", static snapshot => snapshot.StartTime },
        { "status", static snapshot => snapshot.State },
        { "storage-tier", static _ => "standard" },
        { "transfer-type", static snapshot => snapshot.IsCopy ? "standard" : null },
        { "volume-id", static snapshot => snapshot.VolumeId },
        { "volume-size", static snapshot => snapshot.VolumeSizeGiB },
    }.WithTags(static snapshot => snapshot.Tags);

    public static void Describe(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "SnapshotId", "snapshotSet");
        var ids = call.Parameters.List("SnapshotId");
        var snapshots = ResourceKind.Snapshot.FindAllOrEvery(call.State.Snapshots, ids);
        var owners = call.Parameters.List("Owner");
        var restorableBy = call.Parameters.List("RestorableBy");
        var selected = snapshots
            .Where(snapshot => owners.Count == 0 || owners.Any(owner => IsAccount(call, owner, snapshot.OwnerId)))
            .Where(snapshot => restorableBy.Count == 0 || restorableBy.Any(user => IsRestorableBy(call, user, snapshot)));
        var page = Pages.Take(call, Filters(call.Now).Apply(call.Parameters, selected), static snapshot => Pages.Sequence(snapshot.Sequence));
        call.Response.AddList("snapshotSet", page, snapshot => SnapshotXml.Write(call.Response, snapshot, call.Now));
    }

    private static bool IsAccount(Ec2Call call, string name, string accountId) => name == accountId || (name == "self" && accountId == call.AccountId);

    private static bool IsRestorableBy(Ec2Call call, string user, SnapshotRecord snapshot) =>
        user == Everyone
            ? snapshot.CreateVolumePermissions.Contains(Everyone)
            : IsAccount(call, user, snapshot.OwnerId) || snapshot.CreateVolumePermissions.Contains(user == "self" ? call.AccountId : user);
}
