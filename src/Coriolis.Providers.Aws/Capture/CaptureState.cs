using Amazon.EC2.Model;
using Coriolis.Providers.Aws.Workers;

namespace Coriolis.Providers.Aws;

/// <summary>What one capture has done so far, and so what is to be undone. Safe for concurrent use.</summary>
internal sealed class CaptureState(CaptureRequest request)
{
    private readonly Lock _lock = new();
    private readonly List<ReplaceableWorker> _workers = [];
    private readonly Dictionary<string, string> _retained = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WorkerResource> _workerResources = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unseen = new(StringComparer.Ordinal);

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

    /// <summary>The parts of workers that EC2 has created for this capture; a listing may lack them for a while.</summary>
    public IReadOnlyList<WorkerResource> WorkerResources
    {
        get
        {
            lock (_lock)
            {
                return [.. _workerResources.Values.Select(resource => resource with { IsUnseen = _unseen.Contains(resource.Id) })];
            }
        }
    }

    /// <summary>Remembers a part of a worker that EC2 has just created.</summary>
    public void AddWorkerResource(WorkerResource resource)
    {
        lock (_lock)
        {
            _workerResources[resource.Id] = resource;
            _unseen.Add(resource.Id);
        }
    }

    /// <summary>Notes that EC2 has shown something that was created: from now on, if it is not there, it is gone.</summary>
    public void See(string id)
    {
        lock (_lock)
        {
            _unseen.Remove(id);
        }
    }

    /// <summary>Whether something was created by this capture and EC2 has not shown it yet .</summary>
    public bool IsUnseen(string id)
    {
        lock (_lock)
        {
            return _unseen.Contains(id);
        }
    }

    /// <summary>Whether snapshots may exist; before that there is nothing to look for.</summary>
    public bool SnapshotsRequested { get; set; }

    /// <summary>The snapshots whose ids are known.</summary>
    public IReadOnlyCollection<VolumeSnapshot> CreatedSnapshots { get; private set; } = [];

    /// <summary>Remembers the snapshots that EC2 has just created.</summary>
    public void AddSnapshots(SnapshotSet set)
    {
        lock (_lock)
        {
            CreatedSnapshots = [.. set.ByVolume.Values];
            _unseen.UnionWith(CreatedSnapshots.Select(static snapshot => snapshot.Id));
        }
    }

    /// <summary>Notes that EC2 has shown the snapshots.</summary>
    public void SeeSnapshots()
    {
        lock (_lock)
        {
            _unseen.ExceptWith(CreatedSnapshots.Select(static snapshot => snapshot.Id));
        }
    }

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
