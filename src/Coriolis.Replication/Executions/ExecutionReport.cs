using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>What one execution did.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record ExecutionReport
{
    /// <summary>The id of the execution; the resources that it created carry it.</summary>
    public required string ExecutionId { get; init; }

    /// <summary>The source instance.</summary>
    public required string InstanceId { get; init; }

    /// <summary><see cref="ReplicaMode.Incremental"/> when every disk was.</summary>
    public required ReplicaMode Mode { get; init; }

    /// <summary>How the execution ended.</summary>
    public required ExecutionStatus Status { get; init; }

    /// <summary>The captured moment that the disks hold.</summary>
    public required DateTimeOffset PointInTime { get; init; }

    /// <summary>Whether this was the continuation of an execution whose process had died.</summary>
    public bool Resumed { get; init; }

    /// <summary>How long the execution took; when it was continued, since then.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>One report per disk that was to be replicated, boot disk first.</summary>
    public required IReadOnlyList<DiskReport> Disks { get; init; }

    /// <summary>What could not be removed from the source account.</summary>
    public required IReadOnlyList<LeftoverResource> LeftBehind { get; init; }
}
