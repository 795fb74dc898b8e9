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
    private long _progressAt;

    public AttemptWatch(TimeSpan stallTimeout, TimeSpan attemptTimeout, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        _timeProvider = timeProvider;
        _stallTimeout = stallTimeout;
        _attemptTimeout = attemptTimeout;
        _startedAt = timeProvider.GetTimestamp();
        _progressAt = _startedAt;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = timeProvider.CreateTimer(static state => ((AttemptWatch)state!).Expire(), this, Min(stallTimeout, attemptTimeout), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when the caller cancels or time is up.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Why the attempt was cut off, or <see langword="null"/> when it was not.</summary>
    public string? Verdict { get; private set; }

    /// <summary>Tells that bytes arrived.</summary>
    /// <remarks>Called for every read of a socket, so the timer is left alone: when it fires it looks how long ago this was.</remarks>
    public void OnProgress(int bytes)
    {
        _bytes += bytes;
        Volatile.Write(ref _progressAt, _timeProvider.GetTimestamp());
    }

    public void Dispose()
    {
        _timer.Dispose();
        _cancellation.Dispose();
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private void Expire()
    {
        var stallRemains = _stallTimeout - _timeProvider.GetElapsedTime(Volatile.Read(ref _progressAt));
        var attemptRemains = _attemptTimeout - _timeProvider.GetElapsedTime(_startedAt);
        if (stallRemains > TimeSpan.Zero && attemptRemains > TimeSpan.Zero)
        {
            Rearm(Min(stallRemains, attemptRemains));
            return;
        }

        Verdict = attemptRemains <= TimeSpan.Zero
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

    // Timers count whole milliseconds: rounded down, one would fire again and again until the time is over.
    private void Rearm(TimeSpan remains) => _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(remains.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
}
