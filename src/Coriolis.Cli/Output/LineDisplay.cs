using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>Progress as plain lines: one per stage, and one per disk every few seconds in between.</summary>
internal sealed class LineDisplay(Terminal terminal, TimeProvider timeProvider) : ProgressDisplay, IProgress<ExecutionProgress>
{
    /// <summary>Rare enough for a log file that is kept, often enough to see that something moves.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Stage, long Written)> _last = [];

    public override Task<T> ShowAsync<T>(Func<IProgress<ExecutionProgress>, Task<T>> work) => work(this);

    public void Report(ExecutionProgress value)
    {
        var now = timeProvider.GetTimestamp();
        var subject = value.DiskId ?? string.Empty;

        // What is said of the whole execution is rare, and each of it new; percentages of a disk are neither.
        var stage = value.DiskId is null ? $"{value.Stage}, {value.Detail}" : value.Stage;
        lock (_lock)
        {
            if (_last.TryGetValue(subject, out var last)
                && last.Stage == stage
                && timeProvider.GetElapsedTime(last.Written, now) < Interval)
            {
                return;
            }

            _last[subject] = (stage, now);
        }

        terminal.WriteNote(Format(value));
    }

    private static string Format(ExecutionProgress value)
    {
        var line = value.DiskId is null ? value.Stage : $"{value.DiskId}: {value.Stage}";
        if (value.Detail is not null)
        {
            line += $", {value.Detail}";
        }

        if (value.SizeBytes > 0 && value.PositionBytes > 0)
        {
            var percent = value.PositionBytes / (value.SizeBytes / 100d);
            line += FormattableString.Invariant(
                $" {percent:0} % of {ByteSize.Format(value.SizeBytes)}, {ByteSize.Format(value.TransferredBytes)} written");
        }

        return line;
    }
}
