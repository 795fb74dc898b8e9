namespace Coriolis.Replication;

/// <summary>What the state directory knows about one replica.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record ReplicaStatus
{
    /// <summary>The source instance.</summary>
    public required string InstanceId { get; init; }

    /// <summary>The name that the instance had in the last execution; empty when there was none.</summary>
    public required string InstanceName { get; init; }

    /// <summary>Whether an execution, or a verification, holds the replica at this moment.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>Who holds it; <see langword="null"/> when nobody does, or it is not known.</summary>
    public ReplicaHolder? Holder { get; init; }

    /// <summary>The moment that the replica holds: that of the disk that is furthest behind. <see langword="null"/> before the first commit.</summary>
    public DateTimeOffset? PointInTime { get; init; }

    /// <summary>The execution that is running, or the last one; <see langword="null"/> when there was none.</summary>
    public ReplicaExecution? LastExecution { get; init; }

    /// <summary>The disks that were committed or are being replicated, in the order of their ids.</summary>
    public required IReadOnlyList<ReplicaDisk> Disks { get; init; }
}
