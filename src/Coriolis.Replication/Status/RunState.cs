namespace Coriolis.Replication;

/// <summary>What <c>status.json</c> holds: how the last execution of a replica is going, or went.</summary>
internal sealed record RunState
{
    public required string ExecutionId { get; init; }

    public required string InstanceName { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required string Stage { get; init; }

    public string? Detail { get; init; }

    public bool Resumed { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public ExecutionStatus? Outcome { get; init; }

    public string? Error { get; init; }

    public long BytesPerSecond { get; init; }

    public double? RemainingSeconds { get; init; }

    public IReadOnlyList<RunDisk> Disks { get; init; } = [];
}
