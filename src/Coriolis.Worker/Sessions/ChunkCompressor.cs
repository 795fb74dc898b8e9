using System.Buffers;
using Coriolis.Worker.Protocol;
using ZstdSharp;

namespace Coriolis.Worker;

/// <summary>Compresses chunks while that pays: after a chunk that hardly shrank it leaves out ever more chunks before it tries again.</summary>
internal sealed class ChunkCompressor : IDisposable
{
    // The fastest level that still finds what is easy to find; a worker's two cores also hash and encrypt.
    private const int Level = -3;
    private const int MaxPause = 64;

    private readonly Compressor _compressor = new(Level);
    private readonly byte[] _frame = ArrayPool<byte>.Shared.Rent(
        ScanResults.DataPrefixSize + FrameHeader.Size + Compressor.GetCompressBound(ProtocolLimits.MaxDataChunkSize));

    private int _pause;
    private int _pauseLeft;

    /// <summary>Builds the data frame of a chunk in compressed form; <see langword="null"/> when it is to be sent as it is.</summary>
    public Memory<byte>? TryCompress(uint requestId, ChunkResult chunk, out int encodedLength)
    {
        encodedLength = 0;
        if (_pauseLeft > 0)
        {
            _pauseLeft--;
            return null;
        }

        const int HeadSize = FrameHeader.Size + ScanResults.DataPrefixSize;
        encodedLength = _compressor.Wrap(chunk.Data.Span, _frame.AsSpan(HeadSize));
        if (encodedLength > chunk.Length / 10 * 9)
        {
            _pause = Math.Min(MaxPause, (_pause * 2) + 1);
            _pauseLeft = _pause;
            return null;
        }

        _pause = 0;
        ScanResults.WriteDataHead(_frame, requestId, chunk.Range.Offset, chunk.Length, ScanResults.Zstd, encodedLength, chunk.Digest);
        return _frame.AsMemory(0, HeadSize + encodedLength);
    }

    public void Dispose()
    {
        _compressor.Dispose();
        ArrayPool<byte>.Shared.Return(_frame);
    }
}
