namespace Coriolis.Providers;

/// <summary>The record of what one destination disk holds: the digest of every chunk.</summary>
/// <remarks>Immutable; safe for concurrent use. Digests are read on demand and never held as a whole.</remarks>
public interface IDiskManifest
{
    /// <summary>What the manifest is about.</summary>
    DiskManifestInfo Info { get; }

    /// <summary>
    /// The Merkle root over size, chunk size and all chunk digests. Two disks with the same bytes and the same chunk size
    /// have the same root, whatever they were read from.
    /// </summary>
    ChunkDigest ContentRoot { get; }

    /// <summary>Reads the digests of consecutive chunks.</summary>
    /// <param name="firstChunk">Index of the first chunk.</param>
    /// <param name="digests">Filled completely; must not reach beyond the last chunk.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>A task that completes when the buffer is filled.</returns>
    /// <exception cref="IntegrityException">The stored digests do not match the root.</exception>
    ValueTask ReadDigestsAsync(long firstChunk, Memory<ChunkDigest> digests, CancellationToken cancellationToken = default);
}
