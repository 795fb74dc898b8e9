using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Aws.Emulator.Storage;

/// <summary>
/// Reads a volume's written blocks into the pool. A block equal to the previous snapshot's keeps that one's storage: comparing bytes is
/// several times faster than hashing them, so only blocks that differ are hashed.
/// </summary>
internal sealed class SnapshotCapture(BlockPool pool)
{
    public async Task<SnapshotBlock[]> CaptureAsync(
        SafeFileHandle volume, long sizeBytes, StoredSnapshot? previous, CancellationToken cancellationToken)
    {
        var written = SparseFile.FindWrittenBlocks(volume, sizeBytes);
        var blocks = new SnapshotBlock?[written.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        try
        {
            await Parallel.ForAsync(0, written.Count, options, async (position, token) =>
                blocks[position] = await CaptureBlockAsync(volume, written[position], previous, token).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch
        {
            foreach (var block in blocks)
            {
                pool.Release(block?.Slot ?? BlockPool.ZeroSlot);
            }

            throw;
        }

        return Array.ConvertAll(blocks, block => block!.Value);
    }

    private async ValueTask<SnapshotBlock> CaptureBlockAsync(
        SafeFileHandle volume, int index, StoredSnapshot? previous, CancellationToken cancellationToken)
    {
        var rented = ArrayPool<byte>.Shared.Rent(2 * BlockStore.BlockSize);
        try
        {
            var data = rented.AsMemory(0, BlockStore.BlockSize);
            await SparseFile.ReadFullyAsync(volume, data, (long)index * BlockStore.BlockSize, cancellationToken).ConfigureAwait(false);
            if (previous is not null && previous.TryFind(index, out var known))
            {
                var before = rented.AsMemory(BlockStore.BlockSize, BlockStore.BlockSize);
                await pool.ReadAsync(known.Slot, before, cancellationToken).ConfigureAwait(false);
                if (data.Span.SequenceEqual(before.Span))
                {
                    pool.Retain(known.Slot);
                    return known;
                }
            }

            return await StoreAsync(index, data, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private async ValueTask<SnapshotBlock> StoreAsync(int index, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (!data.Span.ContainsAnyExcept((byte)0))
        {
            return new SnapshotBlock(index, BlockPool.ZeroSlot, BlockStore.ZeroBlockDigest);
        }

        var digest = default(BlockDigest);
        SHA256.HashData(data.Span, digest);
        return new SnapshotBlock(index, await pool.AddAsync(data, cancellationToken).ConfigureAwait(false), digest);
    }
}
