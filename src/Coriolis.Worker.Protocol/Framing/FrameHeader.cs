using System.Buffers.Binary;

namespace Coriolis.Worker.Protocol;

/// <summary>The 12 bytes before every payload: type, three zero bytes, request id, payload length.</summary>
internal readonly record struct FrameHeader(FrameType Type, uint RequestId, int PayloadLength)
{
    public const int Size = 12;

    public static FrameHeader ReadFrom(ReadOnlySpan<byte> source, int maxPayload)
    {
        var type = (FrameType)source[0];
        var length = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]);
        if (source[1] != 0 || source[2] != 0 || source[3] != 0)
        {
            throw new WorkerProtocolException($"The reserved bytes of a frame of type 0x{(byte)type:x2} are not zero.");
        }

        if (length > maxPayload)
        {
            throw new WorkerProtocolException($"A frame of type 0x{(byte)type:x2} claims {length} bytes; the limit is {maxPayload}.");
        }

        return new FrameHeader(type, BinaryPrimitives.ReadUInt32LittleEndian(source[4..]), (int)length);
    }

    public void WriteTo(Span<byte> destination)
    {
        destination[0] = (byte)Type;
        destination[1..4].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], RequestId);
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], PayloadLength);
    }
}
