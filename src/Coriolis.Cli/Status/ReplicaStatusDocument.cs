using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>One replica in what <c>status --json</c> prints.</summary>
internal sealed record ReplicaStatusDocument
{
    public const string Running = "running";
    public const string Interrupted = "interrupted";

    public required string InstanceId { get; init; }

    public required string InstanceName { get; init; }

    /// <summary>running, interrupted, in use, succeeded, failed, cancelled, or idle when there is no record of a run.</summary>
    public required string State { get; init; }

    /// <summary>Who runs it, or has it in use.</summary>
    public required ReplicaHolder? Holder { get; init; }

    public required DateTimeOffset? PointInTime { get; init; }

    /// <summary>How old what the replica holds is.</summary>
    public required double? LagSeconds { get; init; }

    public required string? ExecutionId { get; init; }

    public required bool Resumed { get; init; }

    public required DateTimeOffset? StartedAt { get; init; }

    public required DateTimeOffset? UpdatedAt { get; init; }

    public required DateTimeOffset? EndedAt { get; init; }

    public required string? Stage { get; init; }

    public required string? Detail { get; init; }

    public required string? Error { get; init; }

    public required long SizeBytes { get; init; }

    public required long PositionBytes { get; init; }

    public required long TransferredBytes { get; init; }

    public required long BytesPerSecond { get; init; }

    public required double? RemainingSeconds { get; init; }

    public required IReadOnlyList<DiskStatusDocument> Disks { get; init; }

    public static ReplicaStatusDocument From(ReplicaStatus status, DateTimeOffset now)
    {
        var run = status.LastExecution;
        return new ReplicaStatusDocument
        {
            InstanceId = status.InstanceId,
            InstanceName = status.InstanceName,
            State = Describe(status),
            Holder = status.Holder,
            PointInTime = status.PointInTime,
            LagSeconds = status.PointInTime is { } at ? Math.Round((now - at).TotalSeconds, 1) : null,
            ExecutionId = run?.ExecutionId,
            Resumed = run?.Resumed ?? false,
            StartedAt = run?.StartedAt,
            UpdatedAt = run?.UpdatedAt,
            EndedAt = run?.EndedAt,
            Stage = run?.Stage,
            Detail = run?.Detail,
            Error = run?.Error,
            SizeBytes = status.Disks.Sum(disk => disk.SizeBytes),
            PositionBytes = status.Disks.Sum(disk => disk.PositionBytes),
            TransferredBytes = status.Disks.Sum(disk => disk.TransferredBytes),
            BytesPerSecond = run?.BytesPerSecond ?? 0,
            RemainingSeconds = run?.Remaining?.TotalSeconds,
            Disks = [.. status.Disks.Select(DiskStatusDocument.From)],
        };
    }

    private static string Describe(ReplicaStatus status) => status switch
    {
        { IsRunning: true, LastExecution: { EndedAt: null } } => Running,
        { IsRunning: true } => "in use",
        { LastExecution: null } => "idle",
        { LastExecution.Outcome: { } outcome } => Words.Lower(outcome),
        _ => Interrupted,
    };
}
