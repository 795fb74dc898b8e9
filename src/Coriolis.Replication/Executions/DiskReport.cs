using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>What one execution did to one disk.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record DiskReport
{
    /// <summary>The source disk.</summary>
    public required string DiskId { get; init; }

    /// <summary>Size of the disk in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Whether the whole disk was considered, or only what changed.</summary>
    public required ReplicaMode Mode { get; init; }

    /// <summary>Why it was a full or an incremental one, in one clause for people.</summary>
    public required string ModeReason { get; init; }

    /// <summary>The way in which the disk was read.</summary>
    public required ReadPath ReadPath { get; init; }

    /// <summary>How the disk ended.</summary>
    public required DiskStatus Status { get; init; }

    /// <summary>Bytes in the ranges that the source said may have changed.</summary>
    public long ChangedBytes { get; init; }

    /// <summary>Bytes that the source has as zeros, so that they were not sent: made zero at the destination, or zero there already.</summary>
    public long ZeroBytes { get; init; }

    /// <summary>Bytes that were written to the destination.</summary>
    public long TransferredBytes { get; init; }

    /// <summary>The disk was continued at this byte: what is before it was there already, read back, and not fetched again.</summary>
    public long ResumedBytes { get; init; }

    /// <summary>The root of the committed manifest; <see langword="null"/> when nothing was committed.</summary>
    public ChunkDigest? ContentRoot { get; init; }

    /// <summary>Why the disk failed; <see langword="null"/> when it did not.</summary>
    public Exception? Error { get; init; }
}
