using Coriolis.Providers;
using Coriolis.Storage;

namespace Coriolis.Replication;

/// <summary>The stored state of one replica, held exclusively until disposed.</summary>
internal sealed class ReplicaState : IDisposable
{
    private readonly string _directory;
    private readonly ReplicaLock _lock;
    private readonly ReplicaIdentity _identity;
    private readonly TimeProvider _timeProvider;

    public ReplicaState(string directory, string ownerId, ReplicaIdentity identity, ReplicaLock @lock, TimeProvider timeProvider)
    {
        _directory = directory;
        _identity = identity;
        _lock = @lock;
        _timeProvider = timeProvider;
        OwnerId = ownerId;
    }

    public string OwnerId { get; }

    public string ReplicaId => _identity.ReplicaId;

    public string InstanceId => _identity.InstanceId;

    private string JournalDirectory => Path.Combine(_directory, ReplicaFolder.JournalName);

    /// <summary>The source references that the manifests of this replica name, by disk.</summary>
    public IReadOnlyDictionary<string, string> Baselines => ReplicaFolder.ReadBaselines(_directory);

    /// <summary>Earlier executions that ended without removing or keeping everything that they had created.</summary>
    public IReadOnlySet<string> UnsettledExecutions => ReplicaFolder.ReadUnsettled(_directory).ToHashSet();

    /// <summary>What the journals of those executions name, where all of it is known.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> JournaledIds => ReplicaFolder.SelectJournaledIds(ReplicaFolder.ReadJournals(_directory));

    /// <summary>Instances that earlier executions stopped and neither started again nor left stopped on purpose.</summary>
    public IReadOnlyList<StoppedInstance> StoppedInstances => [.. ReplicaFolder.SelectStoppedInstances(ReplicaFolder.ReadJournals(_directory))];

    /// <summary>The disks that have a committed manifest.</summary>
    public IReadOnlyList<string> DiskIds =>
        [.. Directory.EnumerateFiles(_directory, "*" + DiskManifests.CommittedSuffix)
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal)];

    public DiskDescriptor Describe(SourceDisk disk) => Describe(disk.Id, disk.SizeBytes, disk.IsBoot);

    public DiskDescriptor Describe(string diskId, long sizeBytes, bool isBoot) => new()
    {
        ReplicaId = ReplicaId,
        InstanceId = InstanceId,
        DiskId = diskId,
        SizeBytes = sizeBytes,
        IsBoot = isBoot,
    };

    /// <exception cref="ReplicaStateException">The id of the disk cannot be a file name.</exception>
    public DiskManifests Manifests(string diskId) =>
        FileNames.IsSafe(diskId)
            ? new DiskManifests(_directory, _identity, diskId)
            : throw StateErrors.Unreadable(_directory, $"the disk id '{diskId}' cannot be part of a file name");

    public RunRecorder CreateRunRecorder() => new(Path.Combine(_directory, StatusReader.FileName), _timeProvider);

    public ExecutionJournal CreateJournal(string executionId)
    {
        DurableFile.CreateSubdirectory(JournalDirectory);
        return ExecutionJournal.Create(JournalPath(executionId), _timeProvider);
    }

    public ExecutionJournal ReopenJournal(string executionId) => ExecutionJournal.Reopen(JournalPath(executionId), _timeProvider);

    /// <summary>
    /// Finds the execution that was the last one and whose process died before it released its capture. One that stopped its
    /// instance is not among them: the instance is started again, so that the capture is not the final state any more.
    /// </summary>
    /// <param name="within">How long ago it may have begun.</param>
    /// <returns>Its id and the ids that it created; <see langword="null"/> when there is none.</returns>
    public (string ExecutionId, IReadOnlyList<string> Created)? FindInterrupted(TimeSpan within)
    {
        if (within == TimeSpan.Zero)
        {
            return null;
        }

        var now = _timeProvider.GetUtcNow();
        var found = ReplicaFolder.ReadJournals(_directory)
            .Where(journal => journal.Replay is { HasEnded: false, IsSettled: false, StoppedInstance: false } && now - journal.Replay.StartedAt <= within)
            .OrderBy(journal => journal.Replay.StartedAt)
            .LastOrDefault();
        return found.ExecutionId is null ? null : (found.ExecutionId, [.. found.Replay.Open.Keys]);
    }

    /// <summary>Gives up every execution that could be continued, so that none is after a later one has begun, and forgets those that left nothing.</summary>
    public async Task EndInterruptedAsync()
    {
        // The last thing that an execution does is to remove its journal: one that has ended may not have come to that, or the power may have undone it.
        foreach (var (executionId, _) in ReplicaFolder.ReadJournals(_directory).Where(journal => !journal.Replay.HasEnded || journal.Replay.IsSettled).ToList())
        {
            using var journal = ReopenJournal(executionId);
            await journal.EndAsync().ConfigureAwait(false);
        }

        DiskManifests.DiscardAll(_directory);
    }

    /// <summary>Records what a sweep has done about executions that ended without a release.</summary>
    /// <param name="executionIds">The executions.</param>
    /// <param name="report">The sweep's report.</param>
    /// <param name="isComplete">Whether the sweep looked at everything: then an execution of which nothing failed to go is forgotten.</param>
    public async Task SettleAsync(IEnumerable<string> executionIds, SweepReport report, bool isComplete)
    {
        var swept = report.Resources.ToLookup(resource => resource.ExecutionId);
        foreach (var id in executionIds)
        {
            if (isComplete && swept[id].All(resource => resource.Action != SweepAction.Failed))
            {
                File.Delete(JournalPath(id));
                continue;
            }

            using var journal = ReopenJournal(id);
            foreach (var resource in swept[id].Where(IsSettled))
            {
                await journal.DeletedAsync(resource.Id).ConfigureAwait(false);
            }
        }

        // An instance is kept because it runs, or because somebody else has stopped it.
        static bool IsSettled(SweptResource resource) =>
            resource.Action == SweepAction.Removed || (resource.Action == SweepAction.Kept && resource.Type == IResourceJournal.StoppedInstance);
    }

    public void Dispose() => _lock.Dispose();

    private string JournalPath(string executionId) => Path.Combine(JournalDirectory, executionId + ReplicaFolder.JournalSuffix);
}
