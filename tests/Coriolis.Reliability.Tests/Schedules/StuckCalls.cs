using Coriolis.Aws.Emulator;
using Coriolis.Reliability.Tests.Support;

namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>Lets the time pass that a call without an answer takes to be given up; everything else moves the clock by itself.</summary>
internal sealed class StuckCalls(AwsEmulator emulator, SimulatedClock clock)
{
    // What other calls in flight need on a busy machine, so that only the stuck one runs into its deadline.
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_attempt = TimeSpan.FromSeconds(61);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Waits for the end of a run.</summary>
    /// <exception cref="ScheduleException">It does not end.</exception>
    public async Task OverseeAsync(Task run)
    {
        using var limit = new CancellationTokenSource(s_limit);
        emulator.Calls.Clear();
        var seen = 0;
        while (await Task.WhenAny(run, Task.Delay(s_settle)) != run)
        {
            var stuck = emulator.Calls.GetLatest().Count(static call => call.Fault is FaultKind.Hang or FaultKind.LostAnswer);
            if (stuck > seen)
            {
                seen = stuck;
                clock.Advance(s_attempt);
            }

            if (limit.IsCancellationRequested)
            {
                throw new ScheduleException($"a run hangs; its last calls were {string.Join(", ", emulator.Calls.GetLatest().TakeLast(5))}");
            }
        }
    }
}
