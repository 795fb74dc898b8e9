using System.Runtime.CompilerServices;
using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Moves the changed chunks of one disk from its source to its destination and records them in the draft.</summary>
/// <remarks>
/// Each chunk is one body of <see cref="StoppableWork"/>: it holds one buffer from the read to the end of the write, so the
/// memory in use never exceeds the pool and no chunk waits for a buffer while it holds one.
/// </remarks>
internal sealed class DiskTransfer(
    IBlockSource source, IDiskWriter writer, ManifestDraft draft, long trustedBytes, DiskProgress progress, ReplicationEngine engine,
    ResumePointRecorder? resumePoints = null)
{
    private readonly int _chunkSize = draft.Info.ChunkSize;

    public Task RunAsync(IAsyncEnumerable<ChunkRange> ranges, CancellationToken cancellationToken) =>
        StoppableWork.ForEachAsync(CutAsync(ranges, cancellationToken), engine.Options.MaxReadsPerDisk, MoveAsync, engine, cancellationToken);

    private async IAsyncEnumerable<ChunkRange> CutAsync(
        IAsyncEnumerable<ChunkRange> ranges, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var range in ranges.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            progress.Changed(range.Length);
            foreach (var piece in ChunkRanges.Cut(range, _chunkSize))
            {
                progress.Begin(piece.Offset, piece.End);
                yield return piece;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask MoveAsync(ChunkRange piece, CancellationToken cancellationToken)
    {
        if (piece.Kind == ChunkKind.Zero)
        {
            await ZeroAsync(piece, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await CopyAsync(piece, cancellationToken).ConfigureAwait(false);
        }

        progress.End(piece.Offset);
        if (resumePoints is not null)
        {
            await resumePoints.RecordIfDueAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask CopyAsync(ChunkRange chunk, CancellationToken cancellationToken)
    {
        var buffer = await engine.Buffers.RentAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var bytes = buffer[..(int)chunk.Length];
            var digest = await source.ReadAsync(chunk.Offset, bytes, cancellationToken).ConfigureAwait(false);
            engine.Instruments.ChunkRead(bytes.Length);
            await StoreAsync(chunk, bytes, digest, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            engine.Buffers.Return(buffer);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask StoreAsync(ChunkRange chunk, ReadOnlyMemory<byte> bytes, ChunkDigest digest, CancellationToken cancellationToken)
    {
        var index = chunk.Offset / _chunkSize;
        if (digest.IsZero)
        {
            progress.Zeroed(chunk.Length);
        }

        if (chunk.End <= trustedBytes && draft.Get(index) == digest)
        {
            engine.Instruments.ChunksUnchanged(1);
            return;
        }

        if (digest.IsZero)
        {
            await writer.WriteZeroesAsync(chunk.Offset, chunk.Length, cancellationToken).ConfigureAwait(false);
            engine.Instruments.ChunksZeroed(1);
        }
        else
        {
            await writer.WriteAsync(chunk.Offset, bytes, cancellationToken).ConfigureAwait(false);
            engine.Instruments.ChunkCopied(bytes.Length);
            progress.Transferred(bytes.Length);
        }

        draft.Set(index, digest);
    }

    /// <summary>Makes a range zero: all of it where the destination is not trusted, elsewhere only what is not zero yet.</summary>
    private async ValueTask ZeroAsync(ChunkRange range, CancellationToken cancellationToken)
    {
        progress.Zeroed(range.Length);
        var untrusted = Math.Clamp(trustedBytes, range.Offset, range.End);
        var end = ChunkCount(untrusted);
        for (var run = draft.FindNonZero(range.Offset / _chunkSize, end); run.First < run.End; run = draft.FindNonZero(run.End, end))
        {
            await ZeroAsync(run.First * _chunkSize, Math.Min(run.End * _chunkSize, untrusted), cancellationToken).ConfigureAwait(false);
            for (var chunk = run.First; chunk < run.End; chunk++)
            {
                draft.Set(chunk, ChunkDigest.Zero);
            }
        }

        // Entries beyond the trusted part are zero from the start.
        await ZeroAsync(untrusted, range.End, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ZeroAsync(long offset, long end, CancellationToken cancellationToken)
    {
        if (offset < end)
        {
            await writer.WriteZeroesAsync(offset, end - offset, cancellationToken).ConfigureAwait(false);
            engine.Instruments.ChunksZeroed(ChunkCount(end - offset));
        }
    }

    private long ChunkCount(long bytes) => (bytes + _chunkSize - 1) / _chunkSize;
}
