namespace Coriolis.Providers.Aws.Throttling;

/// <summary>A token bucket that halves its rate when the service throttles and recovers steadily.</summary>
/// <remarks>
/// Safe for concurrent use. Those who wait are served in turns, one of each party, and within a party in the order of their calls: who
/// sends many requests at once does not hold up who sends few. Nothing is allocated unless a caller must wait.
/// </remarks>
internal sealed class AdaptiveRateLimiter
{
    // A tenth of a second of permits covers the resolution of timers and short pauses of the caller without exceeding the quota.
    private const double BurstSeconds = 0.1;

    // Full speed again 20 s after a halving: faster would meet the same exhausted bucket, slower wastes the quota.
    private const double RecoveryPerSecond = 0.025;

    private const double LowestShare = 0.01;

    // Requests in flight when the service starts to throttle are refused together: they are one signal.
    private static readonly TimeSpan s_decreaseInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly FairQueue<TaskCompletionSource> _waiters = new();
    private readonly TimeProvider _timeProvider;
    private readonly ITimer _timer;
    private readonly double _fullRate;
    private readonly double _burstSeconds;
    private double _rate;
    private double _permits;
    private long _refilledAt;
    private long? _decreasedAt;

    /// <summary>Creates a full bucket.</summary>
    /// <param name="permitsPerSecond">The full rate.</param>
    /// <param name="timeProvider">Measures and waits.</param>
    /// <param name="burst">How many permits an idle limiter has saved up; null for those of a tenth of a second.</param>
    public AdaptiveRateLimiter(double permitsPerSecond, TimeProvider timeProvider, double? burst = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(permitsPerSecond);
        _timeProvider = timeProvider;
        _fullRate = permitsPerSecond;
        _burstSeconds = burst / permitsPerSecond ?? BurstSeconds;
        _rate = permitsPerSecond;
        _permits = Burst(permitsPerSecond);
        _refilledAt = timeProvider.GetTimestamp();
        _timer = timeProvider.CreateTimer(static state => ((AdaptiveRateLimiter)state!).Release(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Permits per second at this moment.</summary>
    public double Rate
    {
        get
        {
            lock (_gate)
            {
                Refill();
                return _rate;
            }
        }
    }

    /// <summary>Whether nobody waits and the rate is the full one, so that a new limiter would behave the same.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                Refill();
                return _waiters.Count == 0 && _rate >= _fullRate && _permits >= Burst(_fullRate);
            }
        }
    }

    /// <summary>Takes a permit, waiting for it when there is none.</summary>
    /// <param name="party">Whose request it is; those of one party share its turns.</param>
    /// <param name="cancellationToken">Leaves the queue.</param>
    public ValueTask WaitAsync(string party, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        TaskCompletionSource waiter;
        lock (_gate)
        {
            Refill();
            if (_waiters.Count == 0 && _permits >= 1)
            {
                _permits--;
                return ValueTask.CompletedTask;
            }

            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add(party, waiter);
            if (_waiters.Count == 1)
            {
                Schedule();
            }
        }

        return new ValueTask(WaitForTurnAsync(party, waiter, cancellationToken));
    }

    /// <summary>Tells that the service refused a request because of the rate.</summary>
    public void OnThrottled()
    {
        lock (_gate)
        {
            Refill();
            if (_decreasedAt is { } at && _timeProvider.GetElapsedTime(at) < s_decreaseInterval)
            {
                return;
            }

            _decreasedAt = _timeProvider.GetTimestamp();
            _rate = Math.Max(_fullRate * LowestShare, _rate / 2);
            _permits = 0;
            if (_waiters.Count > 0)
            {
                Schedule();
            }
        }
    }

    private double Burst(double rate) => Math.Max(1, rate * _burstSeconds);

    private async Task WaitForTurnAsync(string party, TaskCompletionSource waiter, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister((_, token) => Leave(party, waiter, token), null);
        await waiter.Task.ConfigureAwait(false);
    }

    private void Leave(string party, TaskCompletionSource waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_waiters.Remove(party, waiter))
            {
                return;
            }
        }

        waiter.TrySetCanceled(cancellationToken);
    }

    private void Release()
    {
        lock (_gate)
        {
            Refill();
            while (_permits >= 1 && _waiters.TryTake(out var next))
            {
                _permits--;
                next.TrySetResult();
            }

            if (_waiters.Count > 0)
            {
                Schedule();
            }
        }
    }

    private void Refill()
    {
        var seconds = _timeProvider.GetElapsedTime(_refilledAt).TotalSeconds;
        if (seconds <= 0)
        {
            return;
        }

        _refilledAt = _timeProvider.GetTimestamp();
        _permits = Math.Min(Burst(_rate), _permits + (_rate * seconds));
        _rate = Math.Min(_fullRate, _rate + (_fullRate * RecoveryPerSecond * seconds));
    }

    private void Schedule()
    {
        // Timers count whole milliseconds; rounding down would fire just before the permit exists and fire again.
        var milliseconds = Math.Ceiling(Math.Max(0, 1 - _permits) / _rate * 1000);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, milliseconds)), Timeout.InfiniteTimeSpan);
    }
}
