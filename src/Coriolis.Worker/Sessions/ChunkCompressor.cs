using System.Buffers;
using System.Collections.Concurrent;
using ZstdSharp;

namespace Coriolis.Worker;

/// <summary>Compresses chunks where that pays. Thread-safe.</summary>
internal sealed class ChunkCompressor : IDisposable
{
    // The fastest level that still finds what is easy to find; a worker's two cores also hash and encrypt.
    private const int Level = -3;

    // There are no more at work than threads, because none is held while anything is waited for.
    private readonly ConcurrentBag<Compressor> _idle = [];

    /// <summary>Puts the compressed form of a chunk in the place of its bytes.</summary>
    /// <param name="chunk">The chunk; its bytes are kept when it does not shrink by a tenth.</param>
    /// <param name="trial">What is known of its disk.</param>
    /// <returns>How many bytes the compressed form has; null when the chunk is to be sent as it is.</returns>
    public int? TryCompress(ChunkResult chunk, CompressionTrial trial)
    {
        if (!trial.IsDue())
        {
            return null;
        }

        if (!_idle.TryTake(out var compressor))
        {
            compressor = new Compressor(Level);
        }

        var space = ArrayPool<byte>.Shared.Rent(chunk.Length);
        try
        {
            var paid = compressor.TryWrap(chunk.Data.Span, space.AsSpan(0, chunk.Length / 10 * 9), out var length);
            trial.End(paid);
            if (!paid)
            {
                return null;
            }

            space.AsSpan(0, length).CopyTo(chunk.Buffer!.Slice(chunk.DataOffset, length).Span);
            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(space);
            _idle.Add(compressor);
        }
    }

    public void Dispose()
    {
        foreach (var compressor in _idle)
        {
            compressor.Dispose();
        }
    }
}
