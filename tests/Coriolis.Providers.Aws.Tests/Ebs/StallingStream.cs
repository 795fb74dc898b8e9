namespace Coriolis.Providers.Aws.Tests.Ebs;

/// <summary>Delivers some zeros; then nothing more, or an error.</summary>
internal sealed class StallingStream(int length, Exception? error = null) : ReadOnlyStream
{
    private int _left = length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0)
        {
            await (error is null ? Task.Delay(Timeout.Infinite, cancellationToken) : Task.FromException(error));
        }

        var read = Math.Min(_left, buffer.Length);
        buffer.Span[..read].Clear();
        _left -= read;
        return read;
    }
}
