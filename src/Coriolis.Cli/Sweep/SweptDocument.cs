using Coriolis.Providers;

namespace Coriolis.Cli;

/// <summary>One resource in what <c>sweep --json</c> prints.</summary>
internal sealed record SweptDocument
{
    public required string Type { get; init; }

    public required string Id { get; init; }

    public required string Action { get; init; }

    public required string Why { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public string? OwnerId { get; init; }

    public string? ReplicaId { get; init; }

    public string? ExecutionId { get; init; }

    public string? DiskId { get; init; }

    public int? SizeGiB { get; init; }

    public double? AgeHours { get; init; }

    public decimal? HourlyCostUsd { get; init; }

    public static SweptDocument From(SweptResource resource, DateTimeOffset now) => new()
    {
        Type = resource.Type,
        Id = resource.Id,
        Action = Words.Lower(resource.Action),
        Why = resource.Why,
        CreatedAt = resource.CreatedAt,
        OwnerId = resource.OwnerId,
        ReplicaId = resource.ReplicaId,
        ExecutionId = resource.ExecutionId,
        DiskId = resource.DiskId,
        SizeGiB = resource.SizeGiB,
        AgeHours = resource.CreatedAt is { } at ? Math.Round((now - at).TotalHours, 2) : null,
        HourlyCostUsd = resource.HourlyCostUsd,
    };
}
