using Coriolis.Reliability.Tests.Support;
using Coriolis.Replication;

namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>Does what a round plans for certain moments of its run.</summary>
internal sealed class Disturbances(Round round, ScheduleAccount account, CancellationTokenSource cancellation, IScheduleClock clock)
    : IProgress<ExecutionProgress>
{
    private int _reports = -1;
    private int _written;

    public void Report(ExecutionProgress value)
    {
        var report = Interlocked.Increment(ref _reports);
        if (report == round.CancelledAtReport)
        {
            cancellation.Cancel();
        }

        if (report == round.ClockJumpsAtReport)
        {
            clock.Advance(round.ClockJump);
        }

        if (round.WritesMeanwhile && value.Stage == "transfer" && Interlocked.Exchange(ref _written, 1) == 0)
        {
            account.Write(round.Writes + 1);
        }
    }
}
