using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

[CancelAfter(120_000)]
public sealed class DemoTests
{
    [Test]
    public async Task Demo_FromStartToEnd_ProvesBothRunsAndLeavesTheBaselinesOnly()
    {
        using var folder = new TemporaryFolder();

        var run = await CliRun.OfAsync("demo", "--keep", folder["kept"]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Output + run.Error);
        var lines = run.Output.Split(Environment.NewLine);
        Assert.Multiple(() =>
        {
            Assert.That(lines.Count(line => line.Contains("identical, byte for byte", StringComparison.Ordinal)), Is.EqualTo(4));
            Assert.That(lines.Count(line => line.Contains("incremental", StringComparison.Ordinal)), Is.EqualTo(2));
            Assert.That(lines.Count(line => line.StartsWith("  snap-", StringComparison.Ordinal)), Is.EqualTo(2));
            Assert.That(run.Output, Does.Contain("Nothing else."));
            Assert.That(Directory.GetFiles(Path.Combine(folder["kept"], "replica"), "*.raw"), Has.Length.EqualTo(2));
        });
    }

    [Test]
    public async Task Demo_ThroughAWorker_ProvesBothRunsAndLeavesTheBaselinesOnly(CancellationToken cancellationToken)
    {
        if (await AwsEmulator.FindWorkerObstacleAsync(cancellationToken) is { } obstacle)
        {
            var refused = await CliRun.OfAsync("demo", "--read-path", "worker");
            Assert.That(refused.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(refused.Error, Does.Contain(obstacle));
            Assert.Ignore(obstacle);
        }

        var run = await CliRun.OfAsync("demo", "--read-path", "worker");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Output + run.Error);
        var lines = run.Output.Split(Environment.NewLine);
        Assert.Multiple(() =>
        {
            Assert.That(lines.Count(line => line.Contains("identical, byte for byte", StringComparison.Ordinal)), Is.EqualTo(4));
            Assert.That(lines.Count(line => line.Contains("read through a worker", StringComparison.Ordinal)), Is.EqualTo(4));
            Assert.That(run.Output, Does.Contain("Nothing else."));
        });
    }

    [Test]
    public async Task Demo_IntoAFolderThatIsNotEmpty_IsAUsageError()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["precious"], "x");

        var run = await CliRun.OfAsync("demo", "--keep", folder.Path);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Has.Length.EqualTo(1));
    }
}
