namespace Coriolis.Replication;

/// <summary>How an execution is going, or went.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record ReplicaExecution
{
    /// <summary>The id of the execution.</summary>
    public required string ExecutionId { get; init; }

    /// <summary>When it began; when it was continued, when that began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How old the figures are.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it ended; <see langword="null"/> while it runs, and for one whose process died.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How it ended; <see langword="null"/> while it runs, and for one whose process died.</summary>
    public ExecutionStatus? Outcome { get; init; }

    /// <summary>Why it failed, in words.</summary>
    public string? Error { get; init; }

    /// <summary>The stage, as in <see cref="ExecutionProgress.Stage"/>.</summary>
    public required string Stage { get; init; }

    /// <summary>What the stage waits for, in words, when there is something to say.</summary>
    public string? Detail { get; init; }

    /// <summary>Whether it continues one whose process died.</summary>
    public bool Resumed { get; init; }

    /// <summary>Bytes written to the destination per second, over the last half minute.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>How long the stage takes from <see cref="UpdatedAt"/> at the rate of the last half minute; <see langword="null"/> when that is not known.</summary>
    public TimeSpan? Remaining { get; init; }
}
