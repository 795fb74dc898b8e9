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

    /// <summary>Reads what earlier executions, and the one that runs, recorded up to now.</summary>
    public Journals ReadJournals() => Journals.Read(_directory);

    /// <summary>Gives up every execution that could be continued, so that none is after a later one has begun, and forgets those that left nothing.</summary>
    public async Task EndInterruptedAsync()
    {
        // The last thing that an execution does is to remove its journal: one that has ended may not have come to that, or the power may have undone it.
        foreach (var executionId in ReadJournals().Unended)
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
