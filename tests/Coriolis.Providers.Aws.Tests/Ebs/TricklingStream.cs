namespace Coriolis.Providers.Aws.Tests.Ebs;

/// <summary>Delivers one zero per interval, for ever.</summary>
internal sealed class TricklingStream(TimeProvider timeProvider, TimeSpan interval) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Delay(interval, timeProvider, cancellationToken);
        buffer.Span[0] = 0;
        return 1;
    }
}
