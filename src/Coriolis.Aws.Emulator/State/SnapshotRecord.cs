namespace Coriolis.Aws.Emulator.State;

/// <summary>An EBS snapshot.</summary>
internal sealed record SnapshotRecord : IResource
{
    /// <summary>What AWS names as the volume of snapshots that were not taken of one.</summary>
    public const string NoVolume = "vol-ffffffff";

    public required string Id { get; init; }

    public required long Sequence { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = TagSet.Empty;

    public required string OwnerId { get; init; }

    public required string VolumeId { get; init; }

    public required int VolumeSizeGiB { get; init; }

    /// <summary>One of <c>pending</c>, <c>completed</c>, <c>error</c>.</summary>
    public required string State { get; init; }

    /// <summary>The end of <c>pending</c>; null when only a call (CompleteSnapshot) or a fault ends it.</summary>
    public Transition? Next { get; init; }

    /// <summary>How long a snapshot that is written block by block may rest before it fails.</summary>
    public TimeSpan? WriteTimeout { get; init; }

    public string? StateMessage { get; init; }

    public required DateTimeOffset StartTime { get; init; }

    public DateTimeOffset? CompletionTime { get; init; }

    public string Description { get; init; } = "";

    public bool Encrypted { get; init; }

    public string? KmsKeyArn { get; init; }

    /// <summary>The snapshot that this one shares unchanged blocks with.</summary>
    public string? ParentSnapshotId { get; init; }

    /// <summary>Whether this is the product of CopySnapshot.</summary>
    public bool IsCopy { get; init; }

    public IReadOnlyList<string> ProductCodes { get; init; } = [];

    /// <summary>The accounts that may create volumes from it; <c>all</c> makes it public.</summary>
    public IReadOnlyList<string> CreateVolumePermissions { get; init; } = [];

    /// <summary>The record as it is at a time: a transition that is due counts, also when no call has settled the region since.</summary>
    public SnapshotRecord At(DateTimeOffset now) => Next is { } next && next.At <= now
        ? this with { State = next.To, Next = null, CompletionTime = next.To == "completed" ? next.At : null }
        : this;
}
