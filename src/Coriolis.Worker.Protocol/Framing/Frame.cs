using System.Buffers;

namespace Coriolis.Worker.Protocol;

/// <summary>One received frame; its payload is rented and goes back on dispose.</summary>
/// <param name="header">The header.</param>
/// <param name="rented">Memory for the payload, without its end if that has gone elsewhere.</param>
/// <param name="end">The end of the payload, in a buffer that somebody offered for it; empty when all of it is in one place.</param>
internal sealed class Frame(FrameHeader header, byte[] rented, ReadOnlyMemory<byte> end = default) : IDisposable
{
    private byte[]? _rented = rented;

    public FrameHeader Header { get; } = header;

    public ReadOnlyMemory<byte> Payload => _rented.AsMemory(0, Header.PayloadLength - end.Length);

    public ReadOnlyMemory<byte> End => end;

    public PayloadReader OpenPayload() => new(Payload.Span, Header.Type);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { Length: > 0 } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
