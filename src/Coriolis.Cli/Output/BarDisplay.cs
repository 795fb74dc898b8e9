using System.Collections.Concurrent;
using Coriolis.Replication;
using Spectre.Console;

namespace Coriolis.Cli;

/// <summary>Progress as one live bar per disk, below one line for the whole execution.</summary>
internal sealed class BarDisplay(IAnsiConsole console) : ProgressDisplay
{
    public override Task<T> ShowAsync<T>(Func<IProgress<ExecutionProgress>, Task<T>> work) =>
        console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new WrittenColumn(),
                new TransferSpeedColumn { Base = FileSizeBase.Binary, ShowBits = false },
                new RemainingTimeColumn())
            .StartAsync(context => work(new Bars(context)));

    private sealed class Bars(ProgressContext context) : IProgress<ExecutionProgress>
    {
        private readonly ConcurrentDictionary<string, Lazy<ProgressTask>> _bars = [];
        private readonly Lazy<ProgressTask> _whole = new(() => context.AddTask("starting", maxValue: 1).IsIndeterminate());

        public void Report(ExecutionProgress value)
        {
            // What is waited for stands in the line of the execution: beside a disk's name it would leave its bar no room.
            if (value.DiskId is null || value.Detail is not null)
            {
                _whole.Value.Description = Describe(value);
            }

            if (value.DiskId is null)
            {
                return;
            }

            var bar = _bars.GetOrAdd(value.DiskId, id => new(() => context.AddTask(Markup.Escape(id)))).Value;
            bar.MaxValue = Math.Max(value.SizeBytes, 1);
            bar.Description = Markup.Escape($"{value.DiskId} {value.Stage}");
            bar.State.Update<long>(WrittenColumn.Key, _ => value.TransferredBytes);
            bar.Value = value.PositionBytes;
        }

        private static string Describe(ExecutionProgress value) =>
            Markup.Escape(value.Detail is null ? value.Stage : $"{value.Stage}, {value.Detail}");
    }
}
