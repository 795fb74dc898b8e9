using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Providers.Aws.Tests.Support;

/// <summary>
/// A clock on which nobody waits: whoever starts a pause moves the clock to its end. Timers that are longer than any pause
/// of the product are deadlines, and only fire when the clock has been moved past them.
/// </summary>
internal sealed class JumpingClock : FakeTimeProvider
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    public JumpingClock()
        : base(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime <= s_longestPause && period == Timeout.InfiniteTimeSpan)
        {
            Advance(dueTime);
        }

        return timer;
    }
}
