using Coriolis.Aws.Emulator;
using Coriolis.Reliability.Tests.Support;

namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>
/// Waits for the end of a run. On a simulated clock it lets time pass meanwhile: a little all the time, for its rate limits, and a lot for a
/// call that gets no answer, until it is given up. Pauses move the clock by themselves.
/// </summary>
internal sealed class PassingTime(AwsEmulator emulator, SimulatedClock? clock)
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_stride = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_attempt = TimeSpan.FromSeconds(61);

    // Real time: a minute where the clock is simulated; else what the time limits of a run and of its cleaning up come to.
    private readonly TimeSpan _limit = TimeSpan.FromMinutes(clock is null ? 6 : 1);

    /// <summary>Waits for the end of a run.</summary>
    /// <exception cref="ScheduleException">It does not end.</exception>
    public async Task WaitAsync(Task run)
    {
        using var limit = new CancellationTokenSource(_limit);
        emulator.Calls.Clear();
        var seen = 0;
        while (await Task.WhenAny(run, Task.Delay(s_step)) != run)
        {
            var stuck = emulator.Calls.GetLatest().Count(static call => call.Fault is FaultKind.Hang or FaultKind.LostAnswer);
            clock?.Advance(stuck > seen ? s_attempt : s_stride);
            seen = stuck;

            if (limit.IsCancellationRequested)
            {
                var calls = emulator.Calls.GetLatest().TakeLast(20).Select(call => $"{call.Operation} {call.Status} {call.Fault}");
                throw new ScheduleException($"a run hangs; its last calls were {string.Join(", ", calls)}");
            }
        }
    }
}
