using System.Collections.Concurrent;
using Coriolis.Providers.Aws.Ebs;

namespace Coriolis.Providers.Aws.Throttling;

/// <summary>The client-side rate limits of the EBS direct APIs for one account in one region.</summary>
/// <remarks>Safe for concurrent use; everything that reads from the account and region in this process shares one instance.</remarks>
internal sealed class EbsThrottle
{
    // More snapshots than this are not read at once; beyond it the limiters of finished ones are dropped.
    private const int SnapshotsBeforePruning = 256;

    private readonly AdaptiveRateLimiter[] _account;
    private readonly ConcurrentDictionary<string, AdaptiveRateLimiter> _snapshots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _parties = new(StringComparer.Ordinal);
    private readonly EbsRates _rates;
    private readonly TimeProvider _timeProvider;

    public EbsThrottle(EbsRates rates, TimeProvider timeProvider)
    {
        _rates = rates;
        _timeProvider = timeProvider;
        _account = [.. Enum.GetValues<EbsOperation>().Select(operation => new AdaptiveRateLimiter(AccountRate(operation), timeProvider))];
    }

    /// <summary>Says which execution reads a snapshot: when many wait, executions take turns, however many disks each has.</summary>
    /// <returns>Disposed when the execution no longer reads the snapshot; may be disposed more than once.</returns>
    public IDisposable Assign(string snapshotId, string executionId)
    {
        _parties[snapshotId] = executionId;
        return new Assignment(_parties, new(snapshotId, executionId));
    }

    /// <summary>Takes a permit of the snapshot, for block operations, and one of the account.</summary>
    public ValueTask WaitAsync(EbsOperation operation, string snapshotId, CancellationToken cancellationToken)
    {
        if (!IsPerSnapshot(operation))
        {
            return Account(operation).WaitAsync(PartyOf(snapshotId), cancellationToken);
        }

        // The snapshot first: who waits for it must not hold a permit of the account that another snapshot could use.
        var party = PartyOf(snapshotId);
        var snapshot = Snapshot(snapshotId).WaitAsync(party, cancellationToken);
        return snapshot.IsCompletedSuccessfully
            ? Account(operation).WaitAsync(party, cancellationToken)
            : WaitForBothAsync(snapshot, operation, party, cancellationToken);
    }

    /// <summary>Lowers the limit that the service's refusal is about.</summary>
    /// <param name="operation">The refused operation.</param>
    /// <param name="snapshotId">Its snapshot.</param>
    /// <param name="reason">The <c>Reason</c> of the error, when there was one.</param>
    public void OnThrottled(EbsOperation operation, string snapshotId, string? reason)
    {
        var limiter = IsPerSnapshot(operation) && reason == "RESOURCE_LEVEL_THROTTLE" ? Snapshot(snapshotId) : Account(operation);
        limiter.OnThrottled();
    }

    /// <summary>How many snapshots are being read.</summary>
    internal int Assigned => _parties.Count;

    /// <summary>The limiter of an operation for the whole account and region.</summary>
    internal AdaptiveRateLimiter Account(EbsOperation operation) => _account[(int)operation];

    /// <summary>The limiter of block operations on one snapshot.</summary>
    internal AdaptiveRateLimiter Snapshot(string snapshotId)
    {
        if (_snapshots.TryGetValue(snapshotId, out var limiter))
        {
            return limiter;
        }

        if (_snapshots.Count >= SnapshotsBeforePruning)
        {
            foreach (var idle in _snapshots.Where(pair => pair.Value.IsIdle))
            {
                _snapshots.TryRemove(idle);
            }
        }

        return _snapshots.GetOrAdd(snapshotId, static (_, self) => new AdaptiveRateLimiter(self._rates.BlocksPerSnapshot, self._timeProvider), this);
    }

    private string PartyOf(string snapshotId) => _parties.GetValueOrDefault(snapshotId, snapshotId);

    private static bool IsPerSnapshot(EbsOperation operation) => operation is EbsOperation.GetSnapshotBlock or EbsOperation.PutSnapshotBlock;

    private async ValueTask WaitForBothAsync(
        ValueTask snapshot, EbsOperation operation, string party, CancellationToken cancellationToken)
    {
        await snapshot.ConfigureAwait(false);
        await Account(operation).WaitAsync(party, cancellationToken).ConfigureAwait(false);
    }

    private double AccountRate(EbsOperation operation) => operation switch
    {
        EbsOperation.GetSnapshotBlock => _rates.GetSnapshotBlock,
        EbsOperation.PutSnapshotBlock => _rates.PutSnapshotBlock,
        EbsOperation.ListSnapshotBlocks or EbsOperation.ListChangedBlocks => _rates.List,
        _ => _rates.StartAndComplete,
    };

    /// <summary>Ends with the reading, so that a process that replicates for months does not remember every snapshot it read.</summary>
    private sealed class Assignment(ConcurrentDictionary<string, string> parties, KeyValuePair<string, string> assignment) : IDisposable
    {
        public void Dispose() => parties.TryRemove(assignment);
    }
}
