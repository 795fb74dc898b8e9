using System.Collections.Concurrent;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Ebs;

/// <summary>Counts requests against the quotas and refuses those above.</summary>
internal sealed class RequestBudget(EbsQuotas quotas, TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<(string Region, string Operation, string Snapshot), TokenBucket> _buckets = new();

    public void Spend(ServiceCall call, string snapshotId)
    {
        var (account, snapshot) = call.Operation switch
        {
            "GetSnapshotBlock" => (quotas.GetSnapshotBlockPerAccount, quotas.GetSnapshotBlockPerSnapshot),
            "PutSnapshotBlock" => (quotas.PutSnapshotBlockPerAccount, quotas.PutSnapshotBlockPerSnapshot),
            "ListSnapshotBlocks" => (quotas.ListSnapshotBlocksPerAccount, null),
            "ListChangedBlocks" => (quotas.ListChangedBlocksPerAccount, null),
            "StartSnapshot" => (quotas.StartSnapshotPerAccount, null),
            "CompleteSnapshot" => (quotas.CompleteSnapshotPerAccount, null),
            _ => ((int?)null, (int?)null),
        };
        if (!TryTake(call, snapshotId, snapshot))
        {
            throw EbsErrors.SnapshotThrottled(snapshotId);
        }

        if (!TryTake(call, "", account))
        {
            throw EbsErrors.AccountThrottled();
        }
    }

    private bool TryTake(ServiceCall call, string snapshotId, int? rate) => rate is not { } perSecond
        || _buckets.GetOrAdd((call.Region, call.Operation, snapshotId), _ => new TokenBucket(perSecond, timeProvider)).TryTake();
}
