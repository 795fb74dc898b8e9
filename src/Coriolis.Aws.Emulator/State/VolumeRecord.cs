namespace Coriolis.Aws.Emulator.State;

/// <summary>An EBS volume.</summary>
internal sealed record VolumeRecord : IResource
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = TagSet.Empty;

    public required int SizeGiB { get; init; }

    public required string VolumeType { get; init; }

    public int? Iops { get; init; }

    public int? Throughput { get; init; }

    public int? InitializationRate { get; init; }

    public required string AvailabilityZone { get; init; }

    public string? SnapshotId { get; init; }

    public string? SourceVolumeId { get; init; }

    public bool Encrypted { get; init; }

    public string? KmsKeyArn { get; init; }

    public bool MultiAttach { get; init; }

    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>One of <c>creating</c>, <c>available</c>, <c>in-use</c>, <c>deleting</c>, <c>error</c>.</summary>
    public required string State { get; init; }

    public Transition? Next { get; init; }

    public IReadOnlyList<VolumeAttachment> Attachments { get; init; } = [];

    public IReadOnlyList<string> ProductCodes { get; init; } = [];

    public VolumeModification? Modification { get; init; }

    public DateTimeOffset? LastSnapshotAt { get; init; }

    /// <summary>The latest snapshot of this volume, or the one that it was created from: what the next one shares blocks with.</summary>
    public string? LineageSnapshotId { get; init; }
}
