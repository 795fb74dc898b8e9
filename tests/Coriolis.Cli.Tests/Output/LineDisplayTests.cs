using Coriolis.Replication;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Cli.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LineDisplayTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _error.Dispose();

    [Test]
    public void Report_ManyInOneStage_WritesOneLinePerInterval()
    {
        var display = CreateDisplay();

        for (var second = 0; second < 11; second++)
        {
            display.Report(Transfer("vol-1", second << 20));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        string[] expected =
        [
            "vol-1: transfer",
            "vol-1: transfer 50 % of 10 MiB, 5 MiB written",
            "vol-1: transfer 100 % of 10 MiB, 10 MiB written",
        ];
        Assert.That(Lines(), Is.EqualTo(expected));
    }

    [Test]
    public void Report_ANewStage_IsWrittenAtOnce()
    {
        var display = CreateDisplay();

        display.Report(Transfer("vol-1", 0));
        display.Report(new ExecutionProgress { Stage = "commit", DiskId = "vol-1" });

        string[] expected = ["vol-1: transfer", "vol-1: commit"];
        Assert.That(Lines(), Is.EqualTo(expected));
    }

    [Test]
    public void Report_SeveralDisks_AreThrottledOnTheirOwn()
    {
        var display = CreateDisplay();

        display.Report(Transfer("vol-1", 0));
        display.Report(Transfer("vol-2", 0));
        display.Report(new ExecutionProgress { Stage = "capture", Detail = "waiting for snapshots" });

        string[] expected = ["vol-1: transfer", "vol-2: transfer", "capture, waiting for snapshots"];
        Assert.That(Lines(), Is.EqualTo(expected));
    }

    private static ExecutionProgress Transfer(string disk, long position) => new()
    {
        Stage = "transfer",
        DiskId = disk,
        SizeBytes = 10 << 20,
        PositionBytes = position,
        TransferredBytes = position,
    };

    private LineDisplay CreateDisplay() => new(new Terminal(TextWriter.Null, _error), _time);

    private string[] Lines() => _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
