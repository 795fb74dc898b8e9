namespace Coriolis.Worker.Protocol;

/// <summary>The agent's answer to <see cref="Hello"/>.</summary>
internal sealed record Welcome(ushort Version, ProtocolFeatures Features, Guid AgentId, TimeSpan Lease, int Processors, string AgentVersion)
{
    public static Welcome ReadFrom(PayloadReader payload)
    {
        if (payload.ReadUInt32() != ProtocolLimits.Magic)
        {
            throw payload.Malformed("another magic number");
        }

        var welcome = new Welcome(
            payload.ReadUInt16(),
            (ProtocolFeatures)payload.ReadUInt32(),
            new Guid(payload.ReadBytes(16)),
            TimeSpan.FromSeconds(payload.ReadInt32()),
            payload.ReadUInt16(),
            payload.ReadString());
        payload.EnsureEnd();
        return welcome;
    }

    public ReadOnlyMemory<byte> ToFrame() => new FrameBuilder(FrameType.Welcome, 0)
        .UInt32(ProtocolLimits.Magic)
        .UInt16(Version)
        .UInt32((uint)Features)
        .Bytes(AgentId.ToByteArray())
        .Int32((int)Lease.TotalSeconds)
        .UInt16((ushort)Processors)
        .String(AgentVersion)
        .Complete();
}
