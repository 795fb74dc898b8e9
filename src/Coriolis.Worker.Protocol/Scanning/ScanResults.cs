using System.Buffers.Binary;

namespace Coriolis.Worker.Protocol;

/// <summary>The results of a scan on the wire. A data frame is built around its bytes, so only its prefix is written here.</summary>
internal static class ScanResults
{
    /// <summary>Offset, length, encoding and digest, between the header of a data frame and the bytes.</summary>
    public const int DataPrefixSize = 8 + 4 + 4 + ProtocolLimits.DigestSize;

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
    public static int CostOf(Frame frame) => frame.Header.Type switch
    {
        FrameType.Digests => frame.OpenPayload() is var payload && payload.ReadBytes(16).Length > 0
            ? checked(Math.Min(payload.ReadInt32(), ProtocolLimits.MaxDigestsPerFrame) * ProtocolLimits.ResultCost)
            : 0,
        FrameType.Zeros or FrameType.Unreadable => ProtocolLimits.ResultCost,
        FrameType.Data => ProtocolLimits.ResultCost + Math.Max(0, frame.Header.PayloadLength - DataPrefixSize),
        _ => 0,
    };
}
