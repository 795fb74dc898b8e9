using System.Text.Json;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>What a run does when a disk of a real worker fails, and that the other disks do not notice.</summary>
public sealed class ReplicateFromFailingDiskTests : WorkerTests
{
    // Of two disks of 1 GiB: after they were found, and long before the second half of either.
    private const long Early = 32L << 20;

    private TestInstance _instance = null!;

    [SetUp]
    public async Task SetUp()
    {
        _instance = await Account.LaunchAsync("web");
        Account.Write(_instance.DataIds[0], 700 << 20, EmulatedAccount.Pattern(7, 3 * EmulatedAccount.Chunk));
    }

    [TestCase(FaultKind.UnreadableDisk, "EIO")]
    [TestCase(FaultKind.ShrunkenDisk, "536870912 bytes(?: now|, not)|ENXIO")]
    [TestCase(FaultKind.LostDisk, "EIO|ENXIO|no device|0 bytes now")]
    public async Task Replicate_WhenADiskOfTheWorkerFails_FailsThatDiskOnlyAndTheNextRunCompletesIt(FaultKind fault, string says)
    {
        AddFault(fault, Early);

        var run = await Workers.ReplicateAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Output);
        await AssertFailedAloneAsync(run, says);
        await Account.AssertNothingLeftAsync(_instance, [_instance.RootId]);

        var next = await Workers.ReplicateAsync();
        Assert.That(next.ExitCode, Is.EqualTo(ExitCode.Done), next.Error);
        await Account.AssertReplicaEqualsSourceAsync(_instance);
        await Account.AssertNothingLeftAsync(_instance, baselines: true);
    }

    [Test]
    public async Task Replicate_WhenADiskFailsWhileItIsHashed_KeepsTheBaselineOfTheRunBefore()
    {
        var first = await Workers.ReplicateAsync();
        Assert.That(first.ExitCode, Is.EqualTo(ExitCode.Done), first.Error);
        AddFault(FaultKind.UnreadableDisk, Early);

        var run = await Workers.ReplicateAsync();

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Output);
        await AssertFailedAloneAsync(run, "EIO");
        await Account.AssertNothingLeftAsync(_instance, baselines: true);
    }

    [Test]
    public async Task Replicate_FromSlowDisks_RaisesNoAlarm()
    {
        // The disks take five times as long as one of them may be silent.
        AddFault(FaultKind.SlowDisk, bytesPerSecond: 96 << 20);

        var run = await Workers.ReplicateAsync("worker", ("worker_stall_timeout", "2"));

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Error, Does.Not.Contain("is lost"));
        await Account.AssertReplicaEqualsSourceAsync(_instance);
        await Account.AssertNothingLeftAsync(_instance, baselines: true);
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(1), run.Error);
    }

    [Test]
    public async Task Replicate_WhenDisksFallSilent_TakesAnotherWorker()
    {
        AddFault(FaultKind.SlowDisk, bytesPerSecond: 16 << 10);

        var run = await Workers.ReplicateAsync("worker", ("worker_stall_timeout", "3"));

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Error, Does.Match("the worker i-[0-9a-f]+ is lost: .*nothing could be read of vol-[0-9a-f]+ for 00:00:03"));
        await Account.AssertReplicaEqualsSourceAsync(_instance);
        await Account.AssertNothingLeftAsync(_instance, baselines: true);
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(2), run.Error);
    }

    private async Task AssertFailedAloneAsync(CliRun run, string says)
    {
        var disks = run.Json.GetProperty("disks").EnumerateArray().ToDictionary(static disk => disk.GetProperty("diskId").GetString()!);
        var error = disks[_instance.DataIds[0]].GetProperty("error");
        Assert.Multiple(() =>
        {
            Assert.That(disks[_instance.RootId].GetProperty("status").GetString(), Is.EqualTo("committed"));
            Assert.That(disks[_instance.DataIds[0]].GetProperty("status").GetString(), Is.EqualTo("failed"));
            Assert.That(Text(error, "message"), Does.Contain($"{_instance.DataIds[0]} cannot be read on its worker").And.Match(says));
            Assert.That(Text(error, "remedy"), Does.Contain("Run again"));
            Assert.That(Text(error, "resourceId"), Is.EqualTo(_instance.DataIds[0]));
        });
        Assert.That(await FileComparison.FindDifferenceAsync(Account.VolumePath(_instance.RootId), Account.ReplicaPath(_instance.RootId)), Is.Null);
    }

    private static string? Text(JsonElement error, string member) => error.GetProperty(member).GetString();

    private void AddFault(FaultKind kind, long afterBytes = 0, long bytesPerSecond = 1) => Account.Faults.Add(new FaultRule
    {
        Operation = "ec2:RunInstances",
        Kind = kind,
        Count = 1,
        AfterBytes = afterBytes,
        BytesPerSecond = bytesPerSecond,
    });
}
