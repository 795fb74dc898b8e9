using System.Buffers.Binary;
using System.Text;

namespace Coriolis.Worker.Protocol;

/// <summary>Builds one small frame.</summary>
internal sealed class FrameBuilder
{
    private readonly FrameType _type;
    private readonly uint _requestId;
    private byte[] _buffer = new byte[128];
    private int _length = FrameHeader.Size;

    public FrameBuilder(FrameType type, uint requestId)
    {
        _type = type;
        _requestId = requestId;
    }

    public FrameBuilder Byte(byte value)
    {
        Reserve(1)[0] = value;
        return this;
    }

    public FrameBuilder UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);
        return this;
    }

    public FrameBuilder UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);
        return this;
    }

    public FrameBuilder Int32(int value) => UInt32((uint)value);

    public FrameBuilder Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);
        return this;
    }

    /// <summary>Texts come from device names, kernel messages and options; what is too long is cut at a character.</summary>
    public FrameBuilder String(string value)
    {
        var text = value.AsSpan();
        while (Encoding.UTF8.GetByteCount(text) > ProtocolLimits.MaxStringBytes)
        {
            text = text[..^1];
        }

        var length = Encoding.UTF8.GetByteCount(text);
        UInt16((ushort)length);
        Encoding.UTF8.GetBytes(text, Reserve(length));
        return this;
    }

    public FrameBuilder Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        return this;
    }

    public ReadOnlyMemory<byte> Complete()
    {
        new FrameHeader(_type, _requestId, _length - FrameHeader.Size).WriteTo(_buffer);
        return _buffer.AsMemory(0, _length);
    }

    private Span<byte> Reserve(int count)
    {
        if (_length + count > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }

        var span = _buffer.AsSpan(_length, count);
        _length += count;
        return span;
    }
}
