using System.Buffers;
using System.Runtime.InteropServices;

namespace Coriolis.Worker.Protocol;

/// <summary>Reads and writes whole frames. One reader at a time; writers take turns.</summary>
internal sealed class FrameStream(Stream stream, int maxPayload) : IAsyncDisposable
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly byte[] _header = new byte[FrameHeader.Size];
    private int _waitingWriters;

    /// <summary>Reads the next frame; <see langword="null"/> when the peer ended between two frames.</summary>
    public ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken) => ReadAsync(static _ => null, cancellationToken);

    /// <inheritdoc cref="ReadAsync(CancellationToken)"/>
    /// <param name="claim">Tells in which buffer, which it has claimed, a frame's payload is to end.</param>
    /// <param name="cancellationToken">Cancels the read, and with it the connection.</param>
    public async ValueTask<Frame?> ReadAsync(Func<FrameHeader, OfferedBuffer?> claim, CancellationToken cancellationToken)
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
        var offered = claim(header);
        Frame? frame = null;
        try
        {
            var end = offered?.Memory ?? default;
            var length = header.PayloadLength - end.Length;
            frame = new Frame(header, length == 0 ? [] : ArrayPool<byte>.Shared.Rent(length), end);
            await stream.ReadExactlyAsync(MemoryMarshal.AsMemory(frame.Payload), cancellationToken).ConfigureAwait(false);
            await stream.ReadExactlyAsync(end, cancellationToken).ConfigureAwait(false);
            return frame;
        }
        catch
        {
            frame?.Dispose();
            throw;
        }
        finally
        {
            offered?.Release();
        }
    }

    /// <summary>
    /// Writes one frame. The token must be that of the connection, not of a request: a frame that is written half makes
    /// the connection useless.
    /// </summary>
    /// <remarks>
    /// Each flush is a call to the kernel that wakes the peer, so it is left to the next frame where one follows at once: the caller says so,
    /// or another writer is waiting already.
    /// </remarks>
    /// <param name="frame">The frame.</param>
    /// <param name="moreFollows">Whether the caller writes another frame at once, whatever happens meanwhile.</param>
    /// <param name="connectionToken">Cancels the write, and with it the connection.</param>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frame, bool moreFollows, CancellationToken connectionToken)
    {
        Interlocked.Increment(ref _waitingWriters);
        try
        {
            await _writing.WaitAsync(connectionToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waitingWriters);
        }

        try
        {
            await stream.WriteAsync(frame, connectionToken).ConfigureAwait(false);
            if (!moreFollows && Volatile.Read(ref _waitingWriters) == 0)
            {
                await stream.FlushAsync(connectionToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte}, bool, CancellationToken)"/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken connectionToken) => WriteAsync(frame, moreFollows: false, connectionToken);

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
