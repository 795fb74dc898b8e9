using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Providers.Aws.Tests.Support;

/// <summary>
/// A clock on which nobody waits: whoever starts a pause (Task.Delay, a turn of a rate limiter) moves the clock to its end. Timers
/// of cancellation sources are deadlines, and only fire when the clock has been moved past them.
/// </summary>
internal sealed class JumpingClock : FakeTimeProvider
{
    // In the future, because the SDK checks the expiry of temporary credentials against the system clock.
    public JumpingClock()
        : base(new DateTimeOffset(2099, 9, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (state is Task && dueTime > TimeSpan.Zero)
        {
            Advance(dueTime);
        }

        return state is AdaptiveRateLimiter ? new JumpingTimer(timer, this) : timer;
    }

    private sealed class JumpingTimer(ITimer timer, JumpingClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            clock.Advance(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
