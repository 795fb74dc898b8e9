namespace Coriolis.Providers;

/// <summary>What a manifest is about.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record DiskManifestInfo
{
    /// <summary>The replica that the disk belongs to.</summary>
    public required string ReplicaId { get; init; }

    /// <summary>The source instance.</summary>
    public required string InstanceId { get; init; }

    /// <summary>The source disk.</summary>
    public required string DiskId { get; init; }

    /// <summary>Size of the disk in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Size of a chunk in bytes; the last chunk may be shorter.</summary>
    public required int ChunkSize { get; init; }

    /// <summary>The state of the source that the disk equals: the snapshot id.</summary>
    public required string SourceReference { get; init; }

    /// <summary>The execution that wrote the disk.</summary>
    public required string ExecutionId { get; init; }

    /// <summary>The moment whose bytes the disk holds.</summary>
    public required DateTimeOffset PointInTime { get; init; }

    /// <summary>Number of chunks.</summary>
    public long ChunkCount => (SizeBytes + ChunkSize - 1) / ChunkSize;
}
