namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Cancels one attempt when no byte arrives for too long or the attempt as a whole takes too long.</summary>
/// <remarks>Cancelling a request closes its connection, so the next attempt gets another one.</remarks>
internal sealed class AttemptWatch : IDisposable
{
    private readonly CancellationTokenSource _cancellation;
    private readonly ITimer _timer;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _stallTimeout;
    private readonly TimeSpan _attemptTimeout;
    private readonly long _startedAt;
    private long _bytes;

    public AttemptWatch(TimeSpan stallTimeout, TimeSpan attemptTimeout, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        _timeProvider = timeProvider;
        _stallTimeout = stallTimeout;
        _attemptTimeout = attemptTimeout;
        _startedAt = timeProvider.GetTimestamp();
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = timeProvider.CreateTimer(static state => ((AttemptWatch)state!).Expire(), this, Min(stallTimeout, attemptTimeout), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when the caller cancels or time is up.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Why the attempt was cut off, or <see langword="null"/> when it was not.</summary>
    public string? Verdict { get; private set; }

    /// <summary>Tells that bytes arrived.</summary>
    public void OnProgress(int bytes)
    {
        _bytes += bytes;
        var remaining = _attemptTimeout - _timeProvider.GetElapsedTime(_startedAt);
        _timer.Change(Min(_stallTimeout, remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero), Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _cancellation.Dispose();
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private void Expire()
    {
        Verdict = _timeProvider.GetElapsedTime(_startedAt) >= _attemptTimeout
            ? $"not complete after {_attemptTimeout.TotalSeconds:0} s ({_bytes:N0} bytes arrived)"
            : $"no byte arrived for {_stallTimeout.TotalSeconds:0} s (after {_bytes:N0} bytes)";
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The attempt ended while the timer fired.
        }
    }
}
