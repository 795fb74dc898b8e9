using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>A run is killed inside a disk; the same command goes on there.</summary>
public sealed class ResumeTests : AccountTests
{
    // More than are read at once, so that the first ones are certainly there when the last ones are held up.
    private const int Chunks = 200;
    private const int Delivered = 150;

    private TestInstance _instance = null!;

    [SetUp]
    public async Task SetUp()
    {
        _instance = await Account.LaunchAsync("web", dataDisks: 0);
        Account.Write(_instance.RootId, 0, EmulatedAccount.Pattern(5, Chunks * EmulatedAccount.Chunk));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Replicate_KilledInsideADisk_SendsOnlyTheRest(CancellationToken cancellationToken)
    {
        await KillInsideTheDiskAsync(cancellationToken);
        Account.Calls.Clear();

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error + run.Output);
        var disks = run.Json.GetProperty("disks").EnumerateArray().ToList();
        var resumed = disks.Sum(disk => disk.GetProperty("resumedBytes").GetInt64());
        var sent = disks.Sum(disk => disk.GetProperty("transferredBytes").GetInt64());
        var reads = Account.Calls.GetLatest().Count(call => call.Operation == "GetSnapshotBlock");
        Assert.Multiple(() =>
        {
            Assert.That(run.Json.GetProperty("resumed").GetBoolean(), Is.True);
            Assert.That(resumed, Is.GreaterThan(0));
            Assert.That(sent, Is.EqualTo((Chunks * EmulatedAccount.Chunk) - resumed));
            Assert.That(reads, Is.EqualTo(sent / EmulatedAccount.Chunk));
            Assert.That(Account.Calls.GetLatest().Select(call => call.Operation), Has.None.EqualTo("CreateSnapshots"));
        });
        await AssertCompleteAsync();
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Replicate_SweptAfterTheKill_BeginsAnew(CancellationToken cancellationToken)
    {
        await KillInsideTheDiskAsync(cancellationToken);
        var sweep = await Account.RunAsync("sweep", "--state", Account.State);
        Assert.That(await Account.ListSnapshotsAsync(), Is.Empty, sweep.Output);

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error + run.Output);
        Assert.That(run.Json.GetProperty("resumed").GetBoolean(), Is.False);
        await AssertCompleteAsync();
    }

    private async Task KillInsideTheDiskAsync(CancellationToken cancellationToken)
    {
        Account.Faults.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang, Skip = Delivered, Count = 1000 });
        using var process = ChildProcess.OfTool(
            ["replicate", "web", "--to", Account.To, "--state", Account.State, "--resume-interval", "0", .. Account.Connection]);
        var ended = process.WaitAsync(cancellationToken);
        while (Account.Calls.GetLatest().Count(call => call.Fault is not null) < Chunks - Delivered)
        {
            Assert.That(ended.IsCompleted, Is.False);
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }

        process.Kill();
        await ended;
        Account.Faults.Clear();
    }

    private async Task AssertCompleteAsync()
    {
        await Account.AssertReplicaEqualsSourceAsync(_instance);
        Assert.That((await Account.ListSnapshotsAsync()).Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(_instance.VolumeIds));
        var unfinished = Directory.EnumerateFiles(Account.State, "*", SearchOption.AllDirectories).Select(Path.GetExtension);
        Assert.That(unfinished, Has.None.AnyOf(".draft", ".pending", ".resume", ".tmp", ".journal"));
    }
}
