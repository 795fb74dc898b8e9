namespace Coriolis.Worker.Protocol;

/// <summary>The end of a scan and its totals in bytes.</summary>
internal sealed record ScanCompleted(bool Cancelled, long BytesRead, long ZeroBytes, long UnreadableBytes)
{
    public static ScanCompleted ReadFrom(PayloadReader payload)
    {
        var completed = new ScanCompleted(payload.ReadByte() != 0, payload.ReadInt64(), payload.ReadInt64(), payload.ReadInt64());
        payload.EnsureEnd();
        return completed;
    }

    public ReadOnlyMemory<byte> ToFrame(uint requestId) => new FrameBuilder(FrameType.Completed, requestId)
        .Byte(Cancelled ? (byte)1 : (byte)0)
        .Int64(BytesRead)
        .Int64(ZeroBytes)
        .Int64(UnreadableBytes)
        .Complete();
}
