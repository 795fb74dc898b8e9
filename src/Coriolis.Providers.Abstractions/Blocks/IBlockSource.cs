namespace Coriolis.Providers;

/// <summary>Reads one disk at one point in time.</summary>
/// <remarks>
/// Thread safety: <see cref="ReadAsync"/> may be called concurrently, also while ranges are being enumerated; only one
/// enumeration of ranges may run at a time. Memory use does not depend on the size of the disk.
/// </remarks>
public interface IBlockSource
{
    /// <summary>The disk, with the size that it had at the captured point in time.</summary>
    SourceDisk Disk { get; }

    /// <summary>What to name in a manifest so that a later capture can be compared with this one: the snapshot id.</summary>
    string SourceReference { get; }

    /// <summary>The way in which this source reads; never <see cref="Providers.ReadPath.Auto"/>.</summary>
    ReadPath ReadPath { get; }

    /// <summary>Streams the ranges that may differ from the baseline, in ascending order, without overlap.</summary>
    /// <remarks>
    /// Ranges start on a chunk boundary and end on one or at the end of the disk. A range that is not mentioned is
    /// equal to the baseline. Without a baseline, or when the cloud cannot compare with it, the ranges cover the whole
    /// disk. A range may be mentioned although its bytes are the same.
    /// </remarks>
    /// <param name="baseline">The manifest to compare with; <see langword="null"/> for all of the disk.</param>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    /// <returns>The ranges.</returns>
    IAsyncEnumerable<ChunkRange> GetChangesAsync(IDiskManifest? baseline, CancellationToken cancellationToken = default);

    /// <summary>Fills a buffer with one chunk and returns the digest of what was received.</summary>
    /// <remarks>Verified against the cloud's own checksum before it returns. The buffer may be overwritten on failure.</remarks>
    /// <param name="offset">First byte; a multiple of the chunk size.</param>
    /// <param name="destination">One chunk long, shorter only at the end of the disk. Owned by the caller.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The digest of the bytes; <see cref="ChunkDigest.Zero"/> when all of them are zero.</returns>
    /// <exception cref="IntegrityException">The bytes do not match their checksum, also after retries.</exception>
    ValueTask<ChunkDigest> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default);
}
