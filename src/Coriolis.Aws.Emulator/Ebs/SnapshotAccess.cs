using System.Buffers;
using Coriolis.Aws.Emulator.Kms;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ebs;

/// <summary>Decides whether a snapshot may be read or written, and opens it.</summary>
internal sealed class SnapshotAccess(RegionSet regions, BlockStore blocks, KeyRings keys, TimeProvider timeProvider)
{
    private static readonly SearchValues<char> s_hexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Opens a completed snapshot for reading. Dispose the content when done.</summary>
    public (SnapshotRecord Record, SnapshotContent Content) OpenCompleted(string region, string snapshotId)
    {
        var record = Find(region, snapshotId);
        if (CurrentState(record) != "completed")
        {
            throw EbsErrors.Invalid("INVALID_SNAPSHOT_ID", $"The snapshot '{snapshotId}' is not in the 'completed' state.");
        }

        CheckKey(region, record.KmsKeyArn);
        return (record, blocks.TryOpenSnapshot(region, snapshotId) ?? throw EbsErrors.SnapshotNotFound(snapshotId));
    }

    /// <summary>Finds a snapshot that StartSnapshot has made and that is still being written.</summary>
    public (SnapshotRecord Record, PendingSnapshot Content) FindPending(string region, string snapshotId)
    {
        var record = Find(region, snapshotId);
        CheckKey(region, record.KmsKeyArn);
        return CurrentState(record) switch
        {
            "pending" when blocks.TryGetPendingSnapshot(region, snapshotId) is { } pending => (record, pending),
            "error" => throw EbsErrors.Invalid("WRITE_REQUEST_TIMEOUT", $"The snapshot '{snapshotId}' was cancelled because it was not completed in time."),
            _ => throw EbsErrors.Invalid("INVALID_SNAPSHOT_ID", $"The snapshot '{snapshotId}' is not being written."),
        };
    }

    public void CheckKey(string region, string? keyArn)
    {
        if (keyArn is null)
        {
            return;
        }

        var key = keys.Find(region, keyArn) ?? throw EbsErrors.KeyUnknown(keyArn);
        if (!key.IsUsable)
        {
            throw EbsErrors.KeyDenied(keyArn);
        }
    }

    // A transition that is due counts, even when no EC2 call has settled the region since.
    private string CurrentState(SnapshotRecord record) =>
        record.Next is { } next && next.At <= timeProvider.GetUtcNow() ? next.To : record.State;

    private SnapshotRecord Find(string region, string snapshotId)
    {
        if (!snapshotId.StartsWith("snap-", StringComparison.Ordinal) || snapshotId.Length is < 6 or > 64
            || snapshotId.AsSpan(5).ContainsAnyExcept(s_hexDigits))
        {
            throw EbsErrors.Invalid("INVALID_SNAPSHOT_ID", $"'{snapshotId}' is not a snapshot id.");
        }

        return regions.Get(region).State.Snapshots.TryGetValue(snapshotId, out var record) ? record : throw EbsErrors.SnapshotNotFound(snapshotId);
    }
}
