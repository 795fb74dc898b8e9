using System.Buffers;

namespace Coriolis.Worker.Protocol;

/// <summary>Reads and writes whole frames. One reader at a time; writers take turns.</summary>
internal sealed class FrameStream(Stream stream, int maxPayload) : IAsyncDisposable
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly byte[] _header = new byte[FrameHeader.Size];

    /// <summary>Reads the next frame; <see langword="null"/> when the peer ended between two frames.</summary>
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken)
    {
        var read = await stream.ReadAtLeastAsync(_header, _header.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read == 0)
        {
            return null;
        }

        if (read < _header.Length)
        {
            throw new EndOfStreamException("The connection ended inside a frame.");
        }

        var header = FrameHeader.ReadFrom(_header, maxPayload);
        var frame = new Frame(header, header.PayloadLength == 0 ? [] : ArrayPool<byte>.Shared.Rent(header.PayloadLength));
        try
        {
            var payload = System.Runtime.InteropServices.MemoryMarshal.AsMemory(frame.Payload);
            await stream.ReadExactlyAsync(payload, cancellationToken).ConfigureAwait(false);
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes one frame. The token must be that of the connection, not of a request: a frame that is written half makes
    /// the connection useless.
    /// </summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken connectionToken)
    {
        await _writing.WaitAsync(connectionToken).ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(frame, connectionToken).ConfigureAwait(false);
            await stream.FlushAsync(connectionToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
