using System.Buffers;

namespace Coriolis.Worker.Protocol;

/// <summary>One received frame; its payload is rented and goes back on dispose.</summary>
internal sealed class Frame(FrameHeader header, byte[] rented) : IDisposable
{
    private byte[]? _rented = rented;

    public FrameHeader Header { get; } = header;

    public ReadOnlyMemory<byte> Payload => _rented.AsMemory(0, Header.PayloadLength);

    public PayloadReader OpenPayload() => new(Payload.Span, Header.Type);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { Length: > 0 } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
