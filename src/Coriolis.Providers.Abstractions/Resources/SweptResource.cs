namespace Coriolis.Providers;

/// <summary>One resource that a sweep looked at.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record SweptResource
{
    /// <summary>The type of the resource, for example <c>snapshot</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The id of the resource.</summary>
    public required string Id { get; init; }

    /// <summary>What was done, or would be done in a dry run.</summary>
    public required SweepAction Action { get; init; }

    /// <summary>Why, in one clause for people.</summary>
    public required string Why { get; init; }

    /// <summary>When the resource was created.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The owner that its tags name.</summary>
    public string? OwnerId { get; init; }

    /// <summary>The replica that its tags name.</summary>
    public string? ReplicaId { get; init; }

    /// <summary>The execution that its tags name.</summary>
    public string? ExecutionId { get; init; }

    /// <summary>The source disk that it was made from.</summary>
    public string? DiskId { get; init; }

    /// <summary>The provisioned size in GiB, for resources that are billed by size.</summary>
    public int? SizeGiB { get; init; }

    /// <summary>
    /// What the resource costs in an hour in US dollars, at most and at list prices; <see langword="null"/> when that is not known.
    /// </summary>
    public decimal? HourlyCostUsd { get; init; }
}
