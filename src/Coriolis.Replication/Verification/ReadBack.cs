using System.Runtime.CompilerServices;
using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Reads the digests that consecutive chunks should have.</summary>
internal delegate ValueTask ReadDigests(long firstChunk, Memory<ChunkDigest> digests, CancellationToken cancellationToken);

/// <summary>Reads a destination disk, or its beginning, and compares every chunk with what it should be.</summary>
internal sealed class ReadBack(
    IDiskWriter writer, DiskManifestInfo info, ReadDigests readDigests, long chunkCount, DiskProgress progress, ReplicationEngine engine)
{
    public ReadBack(IDiskWriter writer, IDiskManifest manifest, DiskProgress progress, ReplicationEngine engine)
        : this(writer, manifest.Info, manifest.ReadDigestsAsync, manifest.Info.ChunkCount, progress, engine)
    {
    }

    /// <param name="onDifference">Called, also concurrently, with each chunk that differs and the digest of what is there.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    public async Task CompareAsync(Action<long, ChunkDigest> onDifference, CancellationToken cancellationToken)
    {
        var chunkSize = info.ChunkSize;
        var buffers = engine.BuffersFor(chunkSize);
        await StoppableWork.ForEachAsync(
            ExpectedAsync(cancellationToken), Math.Max(writer.Capabilities.MaxConcurrency, 1), CompareChunkAsync, engine, cancellationToken)
            .ConfigureAwait(false);

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
        async ValueTask CompareChunkAsync((long Chunk, ChunkDigest Digest) expected, CancellationToken token)
        {
            var buffer = await buffers.RentAsync(token).ConfigureAwait(false);
            try
            {
                var offset = expected.Chunk * chunkSize;
                var bytes = buffer[..(int)Math.Min(chunkSize, info.SizeBytes - offset)];
                await writer.ReadAsync(offset, bytes, token).ConfigureAwait(false);
                var actual = ChunkDigest.Compute(bytes.Span);
                if (actual != expected.Digest)
                {
                    onDifference(expected.Chunk, actual);
                }

                progress.End(offset);
            }
            finally
            {
                buffers.Return(buffer);
            }
        }
    }

    private async IAsyncEnumerable<(long Chunk, ChunkDigest Digest)> ExpectedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var digests = new ChunkDigest[ManifestLayout.PageEntries];
        for (var first = 0L; first < chunkCount; first += digests.Length)
        {
            var count = (int)Math.Min(digests.Length, chunkCount - first);
            await readDigests(first, digests.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < count; i++)
            {
                var offset = (first + i) * info.ChunkSize;
                progress.Begin(offset, Math.Min(offset + info.ChunkSize, info.SizeBytes));
                yield return (first + i, digests[i]);
            }
        }
    }
}
