using System.Buffers.Binary;
using System.Text;

namespace Coriolis.Worker.Protocol;

/// <summary>Reads the fields of a payload; whatever does not fit is a <see cref="WorkerProtocolException"/>.</summary>
internal ref struct PayloadReader(ReadOnlySpan<byte> payload, FrameType type)
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = payload;

    public byte ReadByte() => ReadBytes(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(ReadBytes(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4));

    public int ReadInt32()
    {
        var value = ReadUInt32();
        return value <= int.MaxValue ? (int)value : throw Malformed($"{value} where at most {int.MaxValue} is allowed");
    }

    public long ReadInt64()
    {
        var value = BinaryPrimitives.ReadUInt64LittleEndian(ReadBytes(8));
        return value <= long.MaxValue ? (long)value : throw Malformed($"{value} where at most {long.MaxValue} is allowed");
    }

    public string ReadString()
    {
        var length = ReadUInt16();
        if (length > ProtocolLimits.MaxStringBytes)
        {
            throw Malformed($"a text of {length} bytes");
        }

        try
        {
            return s_strictUtf8.GetString(ReadBytes(length));
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("a text that is not UTF-8");
        }
    }

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > _rest.Length)
        {
            throw Malformed($"{_rest.Length} bytes where {count} are needed");
        }

        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    public ReadOnlySpan<byte> ReadRest() => ReadBytes(_rest.Length);

    public readonly void EnsureEnd()
    {
        if (!_rest.IsEmpty)
        {
            throw Malformed($"{_rest.Length} bytes too many");
        }
    }

    public readonly WorkerProtocolException Malformed(string what) => new($"A {type} frame has {what}.");
}
