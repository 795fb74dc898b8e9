using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Reads what the folder of a replica says about it, without its lock.</summary>
internal static class StatusReader
{
    public const string FileName = "status.json";

    /// <returns>The status; <see langword="null"/> when the folder is none of a replica.</returns>
    public static ReplicaStatus? Read(string directory)
    {
        if (!File.Exists(Path.Combine(directory, ReplicaFolder.IdentityName)))
        {
            return null;
        }

        // The lock first: an execution that ends in between is then shown with its outcome, not as one whose process died.
        var isRunning = ReplicaLock.IsHeld(directory);
        var run = ReadRun(Path.Combine(directory, FileName));
        var commits = ReplicaFolder.ReadCommitted(directory).ToDictionary(info => info.DiskId);
        var moving = (run?.Disks ?? []).DistinctBy(disk => disk.DiskId).ToDictionary(disk => disk.DiskId);
        return new ReplicaStatus
        {
            InstanceId = Path.GetFileName(directory),
            InstanceName = run?.InstanceName ?? "",
            IsRunning = isRunning,
            Holder = isRunning ? ReplicaLock.ReadHolder(directory) : null,
            PointInTime = commits.Count > 0 ? commits.Values.Min(info => info.PointInTime) : null,
            LastExecution = run is null ? null : Describe(run),
            Disks = [.. commits.Keys.Union(moving.Keys).Order(StringComparer.Ordinal)
                .Select(id => Describe(id, commits.GetValueOrDefault(id), moving.GetValueOrDefault(id)))],
        };
    }

    // It is not flushed when it is written: after a power failure it may be empty.
    private static RunState? ReadRun(string path)
    {
        try
        {
            return StateJson.Read(path, StateJson.Default.RunState);
        }
        catch (Exception e) when (e is ReplicaStateException or FileNotFoundException)
        {
            return null;
        }
    }

    private static ReplicaExecution Describe(RunState run) => new()
    {
        ExecutionId = run.ExecutionId,
        StartedAt = run.StartedAt,
        UpdatedAt = run.UpdatedAt,
        EndedAt = run.EndedAt,
        Outcome = run.Outcome,
        Error = run.Error,
        Stage = run.Stage,
        Detail = run.Detail,
        Resumed = run.Resumed,
        BytesPerSecond = run.BytesPerSecond,
        Remaining = run.RemainingSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };

    private static ReplicaDisk Describe(string diskId, DiskManifestInfo? commit, RunDisk? moving) => new()
    {
        DiskId = diskId,
        SizeBytes = moving?.SizeBytes ?? commit!.SizeBytes,
        PointInTime = commit?.PointInTime,
        Stage = moving?.Stage,
        PositionBytes = moving?.PositionBytes ?? 0,
        TransferredBytes = moving?.TransferredBytes ?? 0,
    };
}
