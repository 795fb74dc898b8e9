using Amazon.EC2.Model;
using Coriolis.Providers.Aws.Workers;

namespace Coriolis.Providers.Aws;

/// <summary>What one capture has done so far, and so what is to be undone. Safe for concurrent use.</summary>
internal sealed class CaptureState(CaptureRequest request)
{
    private readonly Lock _lock = new();
    private readonly List<ReplaceableWorker> _workers = [];
    private readonly Dictionary<string, string> _retained = new(StringComparer.Ordinal);

    public CaptureRequest Request => request;

    /// <summary>The instance that was asked to stop; null when it was not running or was not to be stopped.</summary>
    public string? StoppedInstance { get; set; }

    /// <summary>Whether workers, or parts of them, may exist.</summary>
    public bool WorkersRequested { get; set; }

    /// <summary>The workers that are being read from.</summary>
    public IReadOnlyList<ReplaceableWorker> Workers
    {
        get
        {
            lock (_lock)
            {
                return [.. _workers];
            }
        }
    }

    public void AddWorker(ReplaceableWorker worker)
    {
        lock (_lock)
        {
            _workers.Add(worker);
        }
    }

    /// <summary>Whether snapshots may exist; before that there is nothing to look for.</summary>
    public bool SnapshotsRequested { get; set; }

    /// <summary>The snapshots whose ids are known.</summary>
    public IReadOnlyCollection<VolumeSnapshot> CreatedSnapshots { get; set; } = [];

    /// <summary>
    /// Keeps a snapshot as the baseline of its disk. From here on it is never deleted: the manifest that names it has
    /// been committed, whether or not marking it succeeds.
    /// </summary>
    public void Retain(string diskId, string snapshotId)
    {
        lock (_lock)
        {
            _retained[diskId] = snapshotId;
        }
    }

    /// <summary>Whether a committed manifest names the snapshot.</summary>
    public bool IsKept(string snapshotId)
    {
        lock (_lock)
        {
            return _retained.ContainsValue(snapshotId)
                || request.Baselines.Any(baseline => baseline.Value == snapshotId && !_retained.ContainsKey(baseline.Key));
        }
    }

    /// <summary>
    /// Whether nobody needs a snapshot of this replica: it is this execution's, superseded, or the remains of an earlier one.
    /// The engine runs one execution of a replica at a time, so there is no other that could be using it.
    /// </summary>
    public bool IsSuperfluous(Snapshot snapshot) => !IsKept(snapshot.SnapshotId);
}
