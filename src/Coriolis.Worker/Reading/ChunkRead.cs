using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>One chunk to be read, examined and digested on a reading thread.</summary>
internal sealed class ChunkRead(DiskFile file, WorkerRange range, HashKind hash, bool keepData, AlignedBuffer buffer, BufferPool pool)
{
    private readonly TaskCompletionSource<ChunkResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ChunkResult> Task => _completion.Task;

    public HashKind Hash => hash;

    public void Execute(ChunkHasher hasher)
    {
        var result = new ChunkResult(range);
        try
        {
            var dataOffset = Read(result, hasher);
            if (keepData && !result.IsZero && result.ErrorNumber == 0)
            {
                result.Attach(buffer, dataOffset, () => pool.Return(buffer));
            }
            else
            {
                pool.Return(buffer);
            }

            _completion.SetResult(result);
        }
        catch (Exception exception)
        {
            // A reading thread must go on, without the half of a digest; whoever waits for the chunk gets the failure.
            hasher.Finish(result.Digest);
            pool.Return(buffer);
            _completion.SetException(exception);
        }
    }

    /// <summary>Reads the chunk in pieces of a buffer; a chunk that is kept is a single piece.</summary>
    private int Read(ChunkResult result, ChunkHasher hasher)
    {
        long leadingZeros = 0;
        var position = range.Offset;
        var dataOffset = 0;
        while (position < range.End)
        {
            var piece = ReadPiece(position, result, out dataOffset);
            if (result.ErrorNumber != 0)
            {
                hasher.Finish(result.Digest);
                return dataOffset;
            }

            if (leadingZeros == position - range.Offset && ChunkHash.IsZero(piece))
            {
                leadingZeros += piece.Length;
            }
            else
            {
                if (leadingZeros == position - range.Offset)
                {
                    hasher.AppendZeros(leadingZeros);
                }

                hasher.Append(piece);
            }

            position += piece.Length;
        }

        result.IsZero = leadingZeros == range.Length;
        if (!result.IsZero)
        {
            hasher.Finish(result.Digest);
        }

        return dataOffset;
    }

    private ReadOnlySpan<byte> ReadPiece(long position, ChunkResult result, out int dataOffset)
    {
        // Direct I/O wants offset, length and memory aligned: read the pages around the piece, then look at the piece.
        var start = position & -AlignedBuffer.PageSize;
        dataOffset = (int)(position - start);
        var length = (int)Math.Min(range.End - position, buffer.Data.Length - AlignedBuffer.PageSize);
        var aligned = (dataOffset + length + AlignedBuffer.PageSize - 1) & -AlignedBuffer.PageSize;
        var (count, errorNumber) = file.Read(buffer.Data[..aligned], start);
        if (count < dataOffset + length)
        {
            result.ErrorNumber = errorNumber != 0 ? errorNumber : KernelError.NoSuchDeviceOrAddress;
            return default;
        }

        return buffer.Data.Slice(dataOffset, length);
    }
}
