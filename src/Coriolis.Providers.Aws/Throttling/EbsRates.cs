namespace Coriolis.Providers.Aws.Throttling;

/// <summary>Requests per second that are sent at most: 80 % of the documented default quotas of the EBS direct APIs.</summary>
internal sealed record EbsRates
{
    /// <summary>GetSnapshotBlock and PutSnapshotBlock on one snapshot (quota 1,000, not adjustable).</summary>
    public double BlocksPerSnapshot { get; init; } = 800;

    /// <summary>GetSnapshotBlock per account and region (quota L-C125AE42: 1,000, adjustable).</summary>
    public double GetSnapshotBlock { get; init; } = 800;

    /// <summary>PutSnapshotBlock per account and region (quota L-AFAE1BE8: 1,000, adjustable).</summary>
    public double PutSnapshotBlock { get; init; } = 800;

    /// <summary>ListSnapshotBlocks, and as many ListChangedBlocks, per account and region (quota 50 each).</summary>
    public double List { get; init; } = 40;

    /// <summary>StartSnapshot, and as many CompleteSnapshot, per account and region (quota 10 each).</summary>
    public double StartAndComplete { get; init; } = 8;
}
