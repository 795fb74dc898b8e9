using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Whether one disk holds what its manifest says.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record DiskVerification
{
    /// <summary>The source disk.</summary>
    public required string DiskId { get; init; }

    /// <summary>Size of the disk in bytes; 0 when its manifest cannot be read.</summary>
    public long SizeBytes { get; init; }

    /// <summary>The outcome.</summary>
    public required VerificationStatus Status { get; init; }

    /// <summary>The root of the manifest.</summary>
    public ChunkDigest? ContentRoot { get; init; }

    /// <summary>What the destination says about itself, in one clause, for example that an execution was interrupted.</summary>
    public string? DestinationState { get; init; }

    /// <summary>Number of chunks that differ.</summary>
    public long DifferentChunks { get; init; }

    /// <summary>The lowest ranges that differ, at most 100.</summary>
    public IReadOnlyList<ChunkRange> DifferentRanges { get; init; } = [];

    /// <summary>Why the comparison could not be made.</summary>
    public Exception? Error { get; init; }
}
