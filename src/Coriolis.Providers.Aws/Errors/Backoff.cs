namespace Coriolis.Providers.Aws;

/// <summary>Growing pauses with jitter between two looks at something that is being waited for.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, TimeProvider timeProvider, Random random)
{
    private const double Growth = 1.6;

    private double _next = Math.Min(first.TotalMilliseconds, longest.TotalMilliseconds);

    public Task WaitAsync(CancellationToken cancellationToken)
    {
        // Up to a fifth less, so that many waiters do not ask in step.
        var pause = TimeSpan.FromMilliseconds(_next * (1 - (0.2 * random.NextDouble())));
        _next = Math.Min(_next * Growth, longest.TotalMilliseconds);
        return Task.Delay(pause, timeProvider, cancellationToken);
    }
}
