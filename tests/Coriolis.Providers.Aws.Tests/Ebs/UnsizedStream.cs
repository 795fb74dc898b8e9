namespace Coriolis.Providers.Aws.Tests.Ebs;

/// <summary>Bytes whose number is not known beforehand, as in a chunked body.</summary>
internal sealed class UnsizedStream(byte[] data) : ReadOnlyStream
{
    private int _position;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = Math.Min(buffer.Length, data.Length - _position);
        data.AsSpan(_position, read).CopyTo(buffer.Span);
        _position += read;
        return ValueTask.FromResult(read);
    }
}
