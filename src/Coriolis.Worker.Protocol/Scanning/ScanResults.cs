using System.Buffers.Binary;

namespace Coriolis.Worker.Protocol;

/// <summary>The results of a scan on the wire. A data frame is built around its bytes, so only its prefix is written here.</summary>
internal static class ScanResults
{
    /// <summary>Offset, length, encoding and digest, between the header of a data frame and the bytes.</summary>
    public const int DataPrefixSize = 8 + 4 + 4 + ProtocolLimits.DigestSize;

    private const int RangeSize = 8 + 8;

    public const byte Raw = 0;
    public const byte Zstd = 1;

    public static ReadOnlyMemory<byte> Digests(uint requestId, WorkerRange range, int count, ReadOnlySpan<byte> digests) =>
        new FrameBuilder(FrameType.Digests, requestId).Int64(range.Offset).Int64(range.Length).Int32(count).Bytes(digests).Complete();

    public static ReadOnlyMemory<byte> Zeros(uint requestId, WorkerRange range) =>
        new FrameBuilder(FrameType.Zeros, requestId).Int64(range.Offset).Int64(range.Length).Complete();

    public static ReadOnlyMemory<byte> Unreadable(uint requestId, WorkerRange range, int errorNumber) =>
        new FrameBuilder(FrameType.Unreadable, requestId).Int64(range.Offset).Int64(range.Length).Int32(errorNumber).Complete();

    /// <summary>Writes header and prefix of a data frame into the bytes that precede the data.</summary>
    public static void WriteDataHead(Span<byte> head, uint requestId, long offset, int length, byte encoding, int encodedLength, ReadOnlySpan<byte> digest)
    {
        new FrameHeader(FrameType.Data, requestId, DataPrefixSize + encodedLength).WriteTo(head);
        var prefix = head[FrameHeader.Size..];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, offset);
        BinaryPrimitives.WriteInt32LittleEndian(prefix[8..], length);
        prefix[12] = encoding;
        prefix[13..16].Clear();
        digest.CopyTo(prefix[16..]);
    }

    /// <summary>What a result frame costs of the window; 0 for frames that are not results.</summary>
    /// <exception cref="WorkerProtocolException">The frame is larger than what it says would be: it would not be paid for.</exception>
    public static int CostOf(Frame frame) => frame.Header.Type switch
    {
        FrameType.Digests => CountDigests(frame) * ProtocolLimits.ResultCost,
        FrameType.Zeros => OfLength(frame, RangeSize, ProtocolLimits.ResultCost),
        FrameType.Unreadable => OfLength(frame, RangeSize + sizeof(int), ProtocolLimits.ResultCost),
        FrameType.Data when frame.Header.PayloadLength > DataPrefixSize => ProtocolLimits.ResultCost + frame.Header.PayloadLength - DataPrefixSize,
        FrameType.Data => throw frame.OpenPayload().Malformed("no data"),
        _ => 0,
    };

    private static int CountDigests(Frame frame)
    {
        var payload = frame.OpenPayload();
        payload.ReadBytes(RangeSize);
        var count = payload.ReadInt32();
        return count is > 0 and <= ProtocolLimits.MaxDigestsPerFrame && payload.ReadRest().Length == count * ProtocolLimits.DigestSize
            ? count
            : throw payload.Malformed($"another length than {count} digests have");
    }

    private static int OfLength(Frame frame, int length, int cost) => frame.Header.PayloadLength == length
        ? cost
        : throw frame.OpenPayload().Malformed($"{frame.Header.PayloadLength} bytes instead of {length}");
}
