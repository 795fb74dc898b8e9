using System.Text.Json;
using Coriolis.Providers;
using Coriolis.Storage;

namespace Coriolis.Replication;

/// <summary>A directory that holds the state of replicas: manifests, journals and locks.</summary>
/// <remarks>
/// Thread safety: all members may be called concurrently, also from several processes. Files are readable by their owner
/// only. The directory is created when it is first used.
/// </remarks>
public sealed class ReplicaStateStore
{
    private readonly string _directory;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates a store over a directory.</summary>
    /// <param name="directory">The path of the directory.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    public ReplicaStateStore(string directory, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        _directory = Path.GetFullPath(directory);
        _timeProvider = timeProvider ?? TimeProvider.System;
    }

    /// <summary>Reads what a sweep must keep and may remove. Takes no lock, so it works while executions run.</summary>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>A sweep of everything that the state directory knows to be over, whatever its age.</returns>
    /// <exception cref="ReplicaStateException">The directory cannot be read.</exception>
    public Task<SweepRequest> ReadInventoryAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(Guard(() => ReadInventory([], cancellationToken)));

    /// <summary>Reads how every replica is. Takes no lock and works while executions run, also in other processes.</summary>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The replicas, in the order of their instance ids.</returns>
    /// <exception cref="ReplicaStateException">The directory cannot be read.</exception>
    public Task<IReadOnlyList<ReplicaStatus>> ReadStatusAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<ReplicaStatus>>(Guard(() => ReadStatus(cancellationToken)));

    /// <summary>Opens the state of a replica for one execution, creating it when there is none.</summary>
    /// <exception cref="ReplicaStateException">Another execution holds it, or it belongs to something else.</exception>
    internal async Task<ReplicaState> OpenAsync(string instanceId, CancellationToken cancellationToken)
    {
        if (!FileNames.IsSafe(instanceId))
        {
            throw StateErrors.Unreadable(_directory, $"the instance id '{instanceId}' cannot be part of a file name");
        }

        try
        {
            Prepare();
            var owner = OwnerFile.ReadOrCreate(_directory);
            var folder = Path.Combine(_directory, instanceId);
            DurableFile.CreateSubdirectory(folder);
            var held = await ReplicaLock.AcquireAsync(folder, instanceId, _timeProvider, cancellationToken).ConfigureAwait(false);
            try
            {
                return new ReplicaState(folder, owner, ReadIdentity(folder, instanceId), held, _timeProvider);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception e) when (StateErrors.IsAboutFiles(e))
        {
            throw StateErrors.Unusable(_directory, e);
        }
    }

    /// <summary>Opens the state of a replica that there must be.</summary>
    /// <exception cref="ReplicaStateException">There is none, or <see cref="OpenAsync"/> fails.</exception>
    internal Task<ReplicaState> OpenExistingAsync(string instanceId, CancellationToken cancellationToken) =>
        !FileNames.IsSafe(instanceId) || File.Exists(Path.Combine(_directory, instanceId, ReplicaFolder.IdentityName))
            ? OpenAsync(instanceId, cancellationToken)
            : throw new ReplicaStateException($"The state directory '{_directory}' has no replica of {instanceId}.")
            {
                ResourceId = instanceId,
                Remedy = "Check the state directory and the instance id, or replicate the instance first.",
            };

    /// <summary>Locks every replica of which an execution was interrupted and none is running.</summary>
    internal async Task<InterruptedReplicas> HoldInterruptedAsync(CancellationToken cancellationToken)
    {
        var held = new List<ReplicaState>();
        try
        {
            foreach (var name in Guard(() => FindInterrupted()))
            {
                if (await TryOpenAsync(name, cancellationToken).ConfigureAwait(false) is { } state)
                {
                    held.Add(state);
                }
            }

            var inventory = Guard(() => ReadInventory([.. held.Select(state => state.InstanceId)], cancellationToken));
            return new InterruptedReplicas(held, inventory);
        }
        catch
        {
            held.ForEach(state => state.Dispose());
            throw;
        }
    }

    private List<string> FindInterrupted() =>
        [.. EnumerateReplicas().Where(replica => Journals.Read(replica.FullName).Unsettled.Count > 0).Select(replica => replica.Name)];

    /// <returns>Null when an execution of the replica is running.</returns>
    private async Task<ReplicaState?> TryOpenAsync(string instanceId, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(instanceId, cancellationToken).ConfigureAwait(false);
        }
        catch (ReplicaStateException) when (ReplicaLock.IsHeld(Path.Combine(_directory, instanceId)))
        {
            return null;
        }
    }

    private SweepRequest ReadInventory(HashSet<string> heldByCaller, CancellationToken cancellationToken)
    {
        var keep = new HashSet<string>();
        var ended = new HashSet<string>();
        var running = new HashSet<string>();
        var journaled = new Dictionary<string, IReadOnlySet<string>>();
        var stopped = new List<StoppedInstance>();
        foreach (var replica in EnumerateReplicas())
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Journals first: an execution that starts in between is then not among those that are taken for ended. Manifests last: of one that
            // ends in between, the snapshot that it kept is then among those that are named.
            var journals = Journals.Read(replica.FullName);
            var isRunning = !heldByCaller.Contains(replica.Name) && ReplicaLock.IsHeld(replica.FullName);
            keep.UnionWith(ReplicaFolder.ReadSourceReferences(replica.FullName));
            if (isRunning)
            {
                running.UnionWith(journals.Executions);
                continue;
            }

            ended.UnionWith(journals.Unsettled);
            foreach (var (executionId, ids) in journals.CreatedIds)
            {
                journaled[executionId] = ids;
            }

            stopped.AddRange(journals.StoppedInstances);
        }

        return new SweepRequest
        {
            OwnerId = OwnerFile.ReadOrCreate(_directory),
            KeepIds = keep,
            EndedExecutionIds = ended,
            JournaledIds = journaled,
            RunningExecutionIds = running,
            StoppedInstances = stopped,
        };
    }

    private List<ReplicaStatus> ReadStatus(CancellationToken cancellationToken)
    {
        var replicas = new List<ReplicaStatus>();
        foreach (var folder in EnumerateReplicas().OrderBy(folder => folder.Name, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (StatusReader.Read(folder.FullName) is { } status)
            {
                replicas.Add(status);
            }
        }

        return replicas;
    }

    // A folder whose name is no instance's is none of ours, for example lost+found, which only root may read. Any other one that cannot be read
    // ends the reading: it may be a replica that another user makes, whose snapshots a sweep must not take for left over.
    private IEnumerable<DirectoryInfo> EnumerateReplicas()
    {
        Prepare();
        foreach (var folder in new DirectoryInfo(_directory).EnumerateDirectories())
        {
            DurableFile.ThrowIfLinked(folder.FullName);
            if (FileNames.IsSafe(folder.Name))
            {
                yield return folder;
            }
        }
    }

    private void Prepare()
    {
        DurableFile.CreateDirectory(_directory);
        if (OperatingSystem.IsLinux() && FileNode.Find(_directory, followLink: true) is { IsWritableByOthers: true })
        {
            throw StateErrors.OpenToEverybody(_directory);
        }
    }

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (StateErrors.IsAboutFiles(e))
        {
            throw StateErrors.Unusable(_directory, e);
        }
    }

    private ReplicaIdentity ReadIdentity(string folder, string instanceId)
    {
        var path = Path.Combine(folder, ReplicaFolder.IdentityName);
        if (!File.Exists(path))
        {
            var created = new ReplicaIdentity(Guid.NewGuid().ToString("N"), instanceId, _timeProvider.GetUtcNow());
            DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(created, StateJson.Default.ReplicaIdentity));
        }

        var identity = StateJson.Read(path, StateJson.Default.ReplicaIdentity);
        return identity.InstanceId == instanceId
            ? identity
            : throw StateErrors.Foreign(path, "instance", identity.InstanceId, instanceId);
    }
}
