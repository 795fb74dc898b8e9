namespace Coriolis.Providers;

/// <summary>What to capture and on whose behalf.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record CaptureRequest
{
    /// <summary>The execution that asks. Marks every resource that is created.</summary>
    public required string ExecutionId { get; init; }

    /// <summary>The replica that the capture serves. Kept baselines carry it, so that a later capture finds them.</summary>
    public required string ReplicaId { get; init; }

    /// <summary>The owner of the replica: one state store. A sweep touches resources of one owner only.</summary>
    public required string OwnerId { get; init; }

    /// <summary>Ids of disks to leave out.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlySet<string> ExcludedDiskIds { get; init; } = new HashSet<string>();

    /// <summary>The source references (snapshot ids) that committed manifests name, by disk id. They are never deleted here
    /// before <see cref="ISourceCapture.RetainAsync"/> replaced them.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlyDictionary<string, string> Baselines { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether to shut the instance down before its disks are captured.</summary>
    /// <value>The default is <see langword="false"/>: the capture is crash-consistent.</value>
    public bool ShutDown { get; init; }

    /// <summary>The way to read the disks.</summary>
    /// <value>The default is <see cref="ReadPath.Auto"/>.</value>
    public ReadPath ReadPath { get; init; } = ReadPath.Auto;

    /// <summary>Chunk size in bytes of the manifests that the ranges are for; a power of two.</summary>
    /// <value>The default is 524,288.</value>
    public int ChunkSize { get; init; } = ChunkRange.DefaultChunkSize;

    /// <summary>Where every resource is recorded before it is created.</summary>
    /// <value>The default records nothing.</value>
    public IResourceJournal? Journal { get; init; }

    /// <summary>Receives one line per stage and change of progress.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public IProgress<CaptureProgress>? Progress { get; init; }
}
