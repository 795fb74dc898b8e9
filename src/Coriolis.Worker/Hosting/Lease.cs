namespace Coriolis.Worker;

/// <summary>The right to run: it ends when no controller has been heard of for its duration. Safe for concurrent use.</summary>
internal sealed class Lease : IDisposable
{
    private readonly CancellationTokenSource _expired = new();
    private readonly ITimer? _timer;

    /// <summary>Begins a lease; a duration of zero never ends.</summary>
    public Lease(TimeSpan duration, TimeProvider timeProvider)
    {
        Duration = duration;
        _timer = duration > TimeSpan.Zero
            ? timeProvider.CreateTimer(_ => _expired.Cancel(), null, duration, Timeout.InfiniteTimeSpan)
            : null;
    }

    public TimeSpan Duration { get; }

    public CancellationToken Expired => _expired.Token;

    public void Renew() => _timer?.Change(Duration, Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _timer?.Dispose();
        _expired.Dispose();
    }
}
