namespace Coriolis.Worker.Protocol;

/// <summary>
/// Between TLS and the socket: TLS writes and reads record by record, 16 KiB each, and every record would be a call to the kernel that wakes the
/// other side. This gathers records into large writes, which leave when it is full or flushed, and reads ahead in large pieces.
/// </summary>
/// <remarks>One reader and one writer at a time. The buffers are allocated with their first use.</remarks>
internal sealed class TransportBuffer(Stream transport, int readSize, int writeSize) : Stream
{
    /// <summary>Size for the direction in which data flows.</summary>
    public const int DataSize = 256 * 1024;

    /// <summary>Size for the direction in which requests flow.</summary>
    public const int RequestSize = 32 * 1024;

    private byte[]? _read;
    private int _readStart;
    private int _readEnd;
    private byte[]? _write;
    private int _written;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_readStart == _readEnd)
        {
            if (buffer.Length >= readSize)
            {
                return await transport.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }

            _read ??= GC.AllocateUninitializedArray<byte>(readSize);
            _readStart = 0;
            _readEnd = await transport.ReadAsync(_read, cancellationToken).ConfigureAwait(false);
        }

        var count = Math.Min(buffer.Length, _readEnd - _readStart);
        _read.AsMemory(_readStart, count).CopyTo(buffer);
        _readStart += count;
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _write ??= GC.AllocateUninitializedArray<byte>(writeSize);
        while (!buffer.IsEmpty)
        {
            var count = Math.Min(buffer.Length, writeSize - _written);
            buffer[..count].CopyTo(_write.AsMemory(_written));
            _written += count;
            buffer = buffer[count..];
            if (_written == writeSize)
            {
                await SendAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await SendAsync(cancellationToken).ConfigureAwait(false);
        await transport.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // TLS says goodbye with these when it is closed, and writes nothing after that.
    public override void Write(byte[] buffer, int offset, int count)
    {
        Flush();
        transport.Write(buffer, offset, count);
    }

    public override void Flush()
    {
        transport.Write(_write ?? [], 0, _written);
        _written = 0;
        transport.Flush();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Connections are read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await transport.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            transport.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        var count = _written;
        _written = 0;
        if (count > 0)
        {
            await transport.WriteAsync(_write.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }
    }
}
