using System.Buffers;
using System.Collections.Concurrent;

namespace Coriolis.Worker.Protocol;

/// <summary>Turns the result frames of one scan into runs of chunks, and believes none of them unchecked.</summary>
internal sealed class ScanResultReader(ScanRequest request, ScanCursor cursor) : IDisposable
{
    // No more than threads that decompress at the same time.
    private static readonly ConcurrentBag<ZstdSharp.Decompressor> s_decompressors = [];

    private readonly byte[] _computed = new byte[ProtocolLimits.DigestSize];
    private byte[]? _decompressed;

    public WorkerChunks Read(Frame frame)
    {
        var payload = frame.OpenPayload();
        return frame.Header.Type switch
        {
            FrameType.Digests => ReadDigests(frame, payload),
            FrameType.Zeros => ReadZeros(payload),
            FrameType.Unreadable => ReadUnreadable(payload),
            FrameType.Data => ReadData(frame, payload),
            _ => throw payload.Malformed("no place in a scan"),
        };
    }

    public void Dispose()
    {
        if (_decompressed is { } array)
        {
            _decompressed = null;
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private WorkerChunks ReadDigests(Frame frame, PayloadReader payload)
    {
        var range = ReadRange(ref payload);
        var count = payload.ReadInt32();
        var chunks = cursor.Advance(range);
        if (request.IncludeData || count != chunks || count > ProtocolLimits.MaxDigestsPerFrame
            || payload.ReadRest().Length != count * ProtocolLimits.DigestSize)
        {
            throw payload.Malformed($"{count} digests for {chunks} chunks");
        }

        return new WorkerChunks(WorkerChunksKind.Digests, range) { Digests = frame.Payload[^(count * ProtocolLimits.DigestSize)..] };
    }

    private WorkerChunks ReadZeros(PayloadReader payload)
    {
        var range = ReadRange(ref payload);
        payload.EnsureEnd();
        cursor.Advance(range);
        return new WorkerChunks(WorkerChunksKind.Zeros, range);
    }

    private WorkerChunks ReadUnreadable(PayloadReader payload)
    {
        var range = ReadRange(ref payload);
        var errorNumber = payload.ReadInt32();
        payload.EnsureEnd();
        cursor.Advance(range);
        return new WorkerChunks(WorkerChunksKind.Unreadable, range) { ErrorNumber = errorNumber };
    }

    private WorkerChunks ReadData(Frame frame, PayloadReader payload)
    {
        var offset = payload.ReadInt64();
        var length = payload.ReadInt32();
        var encoding = payload.ReadByte();
        payload.ReadBytes(3);
        payload.ReadBytes(ProtocolLimits.DigestSize);
        if (!request.IncludeData || length > long.MaxValue - offset || cursor.Advance(new WorkerRange(offset, length)) != 1)
        {
            throw payload.Malformed($"{length} bytes that nobody asked for");
        }

        var encoded = frame.End.IsEmpty ? frame.Payload[ScanResults.DataPrefixSize..] : frame.End;
        var data = encoding switch
        {
            ScanResults.Raw => encoded,
            ScanResults.Zstd when request.AllowCompression => Decompress(encoded, length),
            _ => throw payload.Malformed($"encoding {encoding}"),
        };
        var digest = frame.Payload.Slice(ScanResults.DataPrefixSize - ProtocolLimits.DigestSize, ProtocolLimits.DigestSize);
        if (data.Length != length)
        {
            throw payload.Malformed($"{data.Length} bytes of data instead of {length}");
        }

        Verify(offset, data.Span, digest.Span);
        return new WorkerChunks(WorkerChunksKind.Data, new WorkerRange(offset, length)) { Digests = digest, Data = data };
    }

    private ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> encoded, int length)
    {
        // A scan is often a single chunk, so what it takes is shared by all.
        if (!s_decompressors.TryTake(out var decompressor))
        {
            decompressor = new ZstdSharp.Decompressor();
        }

        _decompressed ??= ArrayPool<byte>.Shared.Rent(request.ChunkSize);
        try
        {
            return _decompressed.AsMemory(0, decompressor.Unwrap(encoded.Span, _decompressed.AsSpan(0, length)));
        }
        catch (ZstdSharp.ZstdException exception)
        {
            throw new WorkerProtocolException("The compressed data of a chunk is damaged.", exception);
        }
        finally
        {
            s_decompressors.Add(decompressor);
        }
    }

    private void Verify(long offset, ReadOnlySpan<byte> data, ReadOnlySpan<byte> digest)
    {
        ChunkHash.Compute(request.Hash, data, _computed);
        if (!digest.SequenceEqual(_computed))
        {
            throw new WorkerProtocolException($"The bytes of the chunk at {offset} do not have the digest that the agent computed.");
        }
    }

    private static WorkerRange ReadRange(ref PayloadReader payload)
    {
        var (offset, length) = (payload.ReadInt64(), payload.ReadInt64());
        return length <= long.MaxValue - offset ? new WorkerRange(offset, length) : throw payload.Malformed("a range without end");
    }
}
