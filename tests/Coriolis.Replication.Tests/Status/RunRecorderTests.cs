using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Replication.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RunRecorderTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("coriolis-status-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
    private readonly RunRecorder _recorder;

    public RunRecorderTests()
    {
        File.WriteAllText(Path.Combine(_folder, "replica.json"), "{}");
        _recorder = new RunRecorder(Path.Combine(_folder, "status.json"), _time);
        _recorder.Start("exec-1", "web", "capture");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Report_OverTime_GivesRateAndRemainingTime()
    {
        for (var second = 0; second <= 10; second++)
        {
            Report("vol-1", position: second * 10 * MiB, sent: second * 5 * MiB);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var run = Read().LastExecution!;

        Assert.That(run.BytesPerSecond, Is.EqualTo(5 * MiB).Within(5).Percent);
        Assert.That(run.Remaining!.Value.TotalSeconds, Is.EqualTo(90).Within(1));
        Assert.That(run.StartedAt, Is.EqualTo(DateTimeOffset.UnixEpoch.AddDays(20_000)));
    }

    [Test]
    public void Report_WithinASecond_DoesNotWrite()
    {
        Report("vol-1", position: MiB, sent: MiB);

        Assert.That(Read().Disks, Is.Empty);
    }

    [Test]
    public void End_Always_WritesTheOutcome()
    {
        Report("vol-1", position: MiB, sent: MiB);
        _recorder.End(ExecutionStatus.Failed, "the disk is full");

        var status = Read();

        Assert.That(status.LastExecution!.Outcome, Is.EqualTo(ExecutionStatus.Failed));
        Assert.That(status.LastExecution.Error, Is.EqualTo("the disk is full"));
        Assert.That(status.Disks.Single().PositionBytes, Is.EqualTo(MiB));
        Assert.That(status.IsRunning, Is.False);
    }

    [Test]
    public void Report_FolderIsGone_DoesNotThrow()
    {
        var recorder = new RunRecorder(Path.Combine(_folder, "missing", "status.json"), _time);

        Assert.That(() => recorder.Start("exec-1", "web", "capture"), Throws.Nothing);
    }

    [TestCase("")]
    [TestCase("{\"executionId\":")]
    public void Read_FileThatAPowerFailureTore_IsAsIfThereWereNone(string content)
    {
        File.WriteAllText(Path.Combine(_folder, "status.json"), content);

        Assert.That(Read().LastExecution, Is.Null);
    }

    private void Report(string diskId, long position, long sent) => _recorder.Report(
        new ExecutionProgress { Stage = "transfer", DiskId = diskId, SizeBytes = 1000 * MiB, PositionBytes = position, TransferredBytes = sent });

    private ReplicaStatus Read() => StatusReader.Read(_folder)!;
}
