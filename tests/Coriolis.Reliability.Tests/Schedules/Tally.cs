using System.Collections.Concurrent;

namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>Counts how disturbed runs ended, so that a test shows what it has seen.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, int> _endings = new(StringComparer.Ordinal);

    public void Add(RunOutcome outcome)
    {
        var ending = outcome.Report?.Status.ToString() ?? outcome.Error!.GetType().Name;
        _endings.AddOrUpdate(ending, 1, static (_, count) => count + 1);
    }

    public override string ToString() =>
        $"{_endings.Values.Sum()} disturbed runs: {string.Join(", ", _endings.OrderByDescending(static ending => ending.Value).Select(static ending => $"{ending.Value} {ending.Key}"))}";
}
