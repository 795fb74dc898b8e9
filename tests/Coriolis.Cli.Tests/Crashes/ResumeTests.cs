using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>A run is killed inside a disk; the same command goes on there.</summary>
public sealed class ResumeTests
{
    private const int Chunks = 40;

    private EmulatedAccount _account = null!;
    private TestInstance _instance = null!;

    [SetUp]
    public async Task SetUp()
    {
        _account = await EmulatedAccount.StartAsync();
        _instance = await _account.LaunchAsync("web", dataDisks: 1);
        foreach (var (volumeId, seed) in _instance.VolumeIds.Zip([5, 6]))
        {
            _account.Write(volumeId, 0, EmulatedAccount.Pattern(seed, Chunks * EmulatedAccount.Chunk));
        }
    }

    [TearDown]
    public async Task TearDown() => await _account.DisposeAsync();

    [Test]
    [CancelAfter(120_000)]
    public async Task Replicate_KilledInsideItsDisks_SendsOnlyTheRest(CancellationToken cancellationToken)
    {
        await KillAtBlockAsync(50, cancellationToken);
        var resumePoints = Directory.EnumerateFiles(Path.Combine(_account.State, _instance.Id), "*.resume").Count();
        _account.Calls.Clear();

        var run = await _account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error + run.Output);
        var disks = run.Json.GetProperty("disks").EnumerateArray().ToList();
        var resumed = disks.Sum(disk => disk.GetProperty("resumedBytes").GetInt64());
        var sent = disks.Sum(disk => disk.GetProperty("transferredBytes").GetInt64());
        var reads = _account.Calls.GetLatest().Count(call => call.Operation == "GetSnapshotBlock");
        Assert.Multiple(() =>
        {
            Assert.That(resumePoints, Is.GreaterThan(0));
            Assert.That(run.Json.GetProperty("resumed").GetBoolean(), Is.True);
            Assert.That(resumed, Is.GreaterThan(0));
            Assert.That(sent, Is.EqualTo((2 * Chunks * EmulatedAccount.Chunk) - resumed));
            Assert.That(reads, Is.EqualTo(sent / EmulatedAccount.Chunk));
            Assert.That(_account.Calls.GetLatest().Select(call => call.Operation), Has.None.EqualTo("CreateSnapshots"));
        });
        await AssertCompleteAsync();
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Replicate_SweptAfterTheKill_BeginsAnew(CancellationToken cancellationToken)
    {
        await KillAtBlockAsync(50, cancellationToken);
        var sweep = await _account.RunAsync("sweep", "--state", _account.State);
        Assert.That(await _account.ListSnapshotsAsync(), Is.Empty, sweep.Output);

        var run = await _account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error + run.Output);
        Assert.That(run.Json.GetProperty("resumed").GetBoolean(), Is.False);
        await AssertCompleteAsync();
    }

    private async Task KillAtBlockAsync(int block, CancellationToken cancellationToken)
    {
        _account.Faults.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang, Skip = block, Count = 1000 });
        using var process = new ChildProcess(
            Path.Combine(AppContext.BaseDirectory, "coriolis-aws"),
            ["replicate", "web", "--to", _account.To, "--state", _account.State, "--resume-interval", "0", .. _account.Connection],
            AwsEnvironment.Variables);
        var ended = process.WaitAsync(cancellationToken);
        while (_account.Calls.GetLatest().Count(call => call.Fault is not null) < (2 * Chunks) - block)
        {
            Assert.That(ended.IsCompleted, Is.False);
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }

        process.Kill();
        await ended;
        _account.Faults.Clear();
    }

    private async Task AssertCompleteAsync()
    {
        await _account.AssertReplicaEqualsSourceAsync(_instance);
        Assert.That((await _account.ListSnapshotsAsync()).Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(_instance.VolumeIds));
        var unfinished = Directory.EnumerateFiles(_account.State, "*", SearchOption.AllDirectories).Select(Path.GetExtension);
        Assert.That(unfinished, Has.None.AnyOf(".draft", ".pending", ".resume", ".tmp", ".journal"));
    }
}
