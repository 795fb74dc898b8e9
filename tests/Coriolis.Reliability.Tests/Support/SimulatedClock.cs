using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Reliability.Tests.Support;

/// <summary>
/// A clock on which nobody waits: whoever starts a pause (Task.Delay) moves the clock to its end. All other timers are deadlines
/// (of cancellation sources, of Task.WaitAsync), and fire when the clock has been moved past them.
/// </summary>
internal sealed class SimulatedClock : FakeTimeProvider, IScheduleClock
{
    // In the future, because the SDK checks the expiry of temporary credentials against the system clock.
    public SimulatedClock()
        : base(new DateTimeOffset(2099, 9, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    TimeProvider IScheduleClock.Time => this;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        // The type of the task behind Task.Delay has no public name.
        if (dueTime > TimeSpan.Zero && state is Task && state.GetType().Name.StartsWith("DelayPromise", StringComparison.Ordinal))
        {
            Advance(dueTime);
        }

        return timer;
    }
}
