namespace Coriolis.Providers.Aws.Ebs;

/// <summary>What to start a snapshot with; names and units are the service's.</summary>
internal sealed record StartSnapshotRequest
{
    /// <summary>Size in GiB.</summary>
    public required long VolumeSize { get; init; }

    public string? ParentSnapshotId { get; init; }

    public IReadOnlyList<EbsTag>? Tags { get; init; }

    public string? Description { get; init; }

    /// <summary>Makes a repeated request return the snapshot of the first one.</summary>
    public required string ClientToken { get; init; }

    public bool? Encrypted { get; init; }

    public string? KmsKeyArn { get; init; }

    /// <summary>Minutes without a block after which the service gives the snapshot up (10 to 4,320).</summary>
    public int? Timeout { get; init; }
}
