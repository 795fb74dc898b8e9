namespace Coriolis.Worker.Protocol;

/// <summary>The first frame of the controller.</summary>
internal sealed record Hello(ushort MinVersion, ushort MaxVersion, ProtocolFeatures Features, string ControllerName)
{
    public static Hello ReadFrom(PayloadReader payload)
    {
        if (payload.ReadUInt32() != ProtocolLimits.Magic)
        {
            throw payload.Malformed("another magic number");
        }

        var hello = new Hello(payload.ReadUInt16(), payload.ReadUInt16(), (ProtocolFeatures)payload.ReadUInt32(), payload.ReadString());
        payload.EnsureEnd();
        return hello.MinVersion <= hello.MaxVersion ? hello : throw payload.Malformed("a minimum version above the maximum");
    }

    public ReadOnlyMemory<byte> ToFrame() => new FrameBuilder(FrameType.Hello, 0)
        .UInt32(ProtocolLimits.Magic)
        .UInt16(MinVersion)
        .UInt16(MaxVersion)
        .UInt32((uint)Features)
        .String(ControllerName)
        .Complete();
}
