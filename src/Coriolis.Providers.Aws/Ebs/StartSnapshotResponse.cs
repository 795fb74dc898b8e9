namespace Coriolis.Providers.Aws.Ebs;

/// <summary>The started snapshot.</summary>
internal sealed record StartSnapshotResponse
{
    public required string SnapshotId { get; init; }

    public string? Status { get; init; }

    /// <summary>Size in GiB.</summary>
    public long VolumeSize { get; init; }

    public int BlockSize { get; init; }

    public string? ParentSnapshotId { get; init; }

    public string? KmsKeyArn { get; init; }
}
