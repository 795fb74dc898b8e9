using Coriolis.Replication;

namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>How a run ended.</summary>
internal sealed record RunOutcome(ExecutionReport? Report, Exception? Error, bool IsCancelled)
{
    /// <summary>Whatever went wrong must have been said clearly.</summary>
    /// <exception cref="ScheduleException">It was not.</exception>
    public void Check()
    {
        foreach (var error in Errors.Where(error => !IsClear(error)))
        {
            throw new ScheduleException($"a run ended with an unclear error: {error}", error);
        }

        if (Report is { Status: not ExecutionStatus.Cancelled } && Report.Disks.Any(disk => disk.Status == DiskStatus.Failed && disk.Error is null))
        {
            throw new ScheduleException($"a disk failed without an error: {this}");
        }
    }

    public override string ToString() => Report is null
        ? $"{Error}"
        : $"{Report.Status}; {string.Join("; ", Report.Disks.Select(disk => $"{disk.DiskId} {disk.Status} {disk.Mode} ({disk.ModeReason}) {disk.Error}"))}"
            + $"; left behind: {string.Join(", ", Report.LeftBehind)}";

    private IEnumerable<Exception> Errors => (Report?.Disks.Select(disk => disk.Error) ?? []).Append(Error).OfType<Exception>();

    private bool IsClear(Exception error) => error switch
    {
        CoriolisException known => known.Problem.Length > 0,
        OperationCanceledException => IsCancelled,
        _ => false,
    };
}
