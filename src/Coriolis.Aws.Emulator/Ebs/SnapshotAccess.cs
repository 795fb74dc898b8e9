using System.Buffers;
using Coriolis.Aws.Emulator.Ec2.Authorization;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.Kms;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ebs;

/// <summary>Decides whether a call may read or write a snapshot, and opens it.</summary>
internal sealed class SnapshotAccess(RegionSet regions, BlockStore blocks, KeyRings keys, TimeProvider timeProvider)
{
    private static readonly SearchValues<char> s_hexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Opens a completed snapshot for reading. Dispose the content when done.</summary>
    public (SnapshotRecord Record, SnapshotContent Content) OpenCompleted(ServiceCall call, string snapshotId)
    {
        var record = Find(call, snapshotId);
        if (record.State != "completed")
        {
            throw EbsErrors.Invalid("INVALID_SNAPSHOT_ID", $"The snapshot '{snapshotId}' is not in the 'completed' state.");
        }

        CheckKey(call, record.KmsKeyArn, "Decrypt", ContextId(record));
        return (record, blocks.TryOpenSnapshot(call.Region, snapshotId) ?? throw EbsErrors.SnapshotNotFound(snapshotId));
    }

    /// <summary>Finds a snapshot that StartSnapshot has made and that is still being written.</summary>
    public (SnapshotRecord Record, PendingSnapshot Content) FindPending(ServiceCall call, string snapshotId)
    {
        var record = Find(call, snapshotId);
        CheckKey(call, record.KmsKeyArn, "Decrypt", ContextId(record));
        return record.State switch
        {
            "pending" when blocks.TryGetPendingSnapshot(call.Region, snapshotId) is { } pending => (record, pending),
            "error" => throw EbsErrors.Invalid("WRITE_REQUEST_TIMEOUT", $"The snapshot '{snapshotId}' was cancelled because it was not completed in time."),
            _ => throw EbsErrors.Invalid("INVALID_SNAPSHOT_ID", $"The snapshot '{snapshotId}' is not being written."),
        };
    }

    /// <summary>Throws unless a new snapshot with these tags may be started.</summary>
    public void DemandStart(ServiceCall call, IReadOnlyDictionary<string, string> tags)
    {
        var caller = new Authorizer(call, timeProvider.GetUtcNow());
        if (caller.IsUnrestricted) return;
        var arn = ResourceArn.Snapshot(call.Region, ResourceArn.New);
        caller.Demand(new AccessRequest("ebs:StartSnapshot", arn, new ContextKeys(caller.Keys).AddRequestTags(tags)));
        if (tags.Count == 0) return;
        var tagKeys = new ContextKeys(caller.Keys).AddRequestTags(tags).Add("ec2:CreateAction", "StartSnapshot");
        caller.Demand(new AccessRequest("ec2:CreateTags", arn, tagKeys));
    }

    /// <summary>Throws unless the key works and the caller may use it for the operation.</summary>
    public void CheckKey(ServiceCall call, string? keyArn, string operation, string? ebsId = null)
    {
        if (keyArn is null)
        {
            return;
        }

        var key = keys.Find(call.Region, keyArn) ?? throw EbsErrors.KeyUnknown(keyArn);
        var caller = new Authorizer(call, timeProvider.GetUtcNow());
        if (!regions.Get(call.Region).MayUseKey(caller, key, operation, ebsId))
        {
            throw EbsErrors.KeyNotAllowed(caller.Identity.Arn, operation, keyArn);
        }

        if (!key.IsUsable)
        {
            throw EbsErrors.KeyDenied(keyArn);
        }
    }

    // The encryption context names the volume, or a snapshot that has none: a copy, or one that was written block by block.
    private static string ContextId(SnapshotRecord record) => record.VolumeId == SnapshotRecord.NoVolume ? record.Id : record.VolumeId;

    /// <summary>Finds a snapshot as it is now, also when no EC2 call has settled the region since.</summary>
    private SnapshotRecord Find(ServiceCall call, string snapshotId)
    {
        if (!snapshotId.StartsWith("snap-", StringComparison.Ordinal) || snapshotId.Length is < 6 or > 64
            || snapshotId.AsSpan(5).ContainsAnyExcept(s_hexDigits))
        {
            throw EbsErrors.Invalid("INVALID_SNAPSHOT_ID", $"'{snapshotId}' is not a snapshot id.");
        }

        var region = regions.Get(call.Region);
        var record = region.State.Snapshots.GetValueOrDefault(snapshotId);
        Authorize(call, region, snapshotId, record);
        return record?.At(timeProvider.GetUtcNow()) ?? throw EbsErrors.SnapshotNotFound(snapshotId);
    }

    private void Authorize(ServiceCall call, Region region, string snapshotId, SnapshotRecord? record)
    {
        var caller = new Authorizer(call, timeProvider.GetUtcNow());
        if (caller.IsUnrestricted) return;
        var snapshotKeys = new ContextKeys(caller.Keys);
        if (record is not null) ResourceKeys.AddTo(snapshotKeys, region, record);
        caller.Demand(new AccessRequest($"ebs:{call.Operation}", ResourceArn.Snapshot(call.Region, snapshotId), snapshotKeys)
        {
            ResourceUnknown = record is null,
        });
    }
}
