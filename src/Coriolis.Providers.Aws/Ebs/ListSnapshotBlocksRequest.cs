namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Which blocks to list.</summary>
internal sealed record ListSnapshotBlocksRequest
{
    public required string SnapshotId { get; init; }

    /// <summary>Overrides <see cref="StartingBlockIndex"/>.</summary>
    public string? NextToken { get; init; }

    /// <summary>The first index of interest.</summary>
    public int StartingBlockIndex { get; init; }

    public int MaxResults { get; init; } = EbsLimits.MaxPageSize;

    /// <summary>Until when the snapshot may be reported as missing although it exists.</summary>
    public DateTimeOffset FreshUntil { get; init; }
}
