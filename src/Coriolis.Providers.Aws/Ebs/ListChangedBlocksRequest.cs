namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Which changes to list.</summary>
internal sealed record ListChangedBlocksRequest
{
    /// <summary>The older snapshot.</summary>
    public required string FirstSnapshotId { get; init; }

    /// <summary>The newer snapshot, of the same lineage.</summary>
    public required string SecondSnapshotId { get; init; }

    /// <summary>Overrides <see cref="StartingBlockIndex"/>.</summary>
    public string? NextToken { get; init; }

    /// <summary>The first index of interest.</summary>
    public int StartingBlockIndex { get; init; }

    public int MaxResults { get; init; } = EbsLimits.MaxPageSize;

    /// <summary>Until when the newer snapshot may be reported as missing although it exists.</summary>
    public DateTimeOffset FreshUntil { get; init; }
}
