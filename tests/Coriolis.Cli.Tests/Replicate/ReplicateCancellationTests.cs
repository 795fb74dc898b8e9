using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

public sealed class ReplicateCancellationTests
{
    private EmulatedAccount _account = null!;

    [SetUp]
    public async Task SetUp() => _account = await EmulatedAccount.StartAsync();

    [TearDown]
    public async Task TearDown() => await _account.DisposeAsync();

    [TestCase("inspect")]
    [TestCase("capture")]
    [TestCase("transfer")]
    public async Task Replicate_CancelledBeforeACommit_LeavesNothingBehind(string stage)
    {
        await _account.LaunchAsync("web");
        _account.Faults.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang });

        var exitCode = await RunCancelledAtAsync(stage);

        Assert.That(exitCode, Is.EqualTo(ExitCode.Cancelled));
        Assert.That(await _account.ListSnapshotsAsync(), Is.Empty);
    }

    [TestCase("commit")]
    [TestCase("release")]
    public async Task Replicate_CancelledLate_IsCompletedByTheNextRun(string stage)
    {
        var instance = await _account.LaunchAsync("web");
        await RunCancelledAtAsync(stage);

        var run = await _account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await _account.AssertReplicaEqualsSourceAsync(instance);
        var snapshots = await _account.ListSnapshotsAsync();
        Assert.That(snapshots.Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(instance.VolumeIds));
    }

    [Test]
    public async Task Replicate_CancelledWhileAnInstanceIsShutDown_StartsItAgain()
    {
        var instance = await _account.LaunchAsync("web");
        _account.Faults.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang });

        var exitCode = await RunCancelledAtAsync("transfer", "--shutdown");

        Assert.That(exitCode, Is.EqualTo(ExitCode.Cancelled));
        Assert.That(await _account.GetStateAsync(instance.Id), Is.EqualTo("running"));
        Assert.That(await _account.ListSnapshotsAsync(), Is.Empty);
    }

    private async Task<int> RunCancelledAtAsync(string stage, params string[] args)
    {
        using var cancellation = new CancellationTokenSource();
        await using var error = new ReactingWriter((stage, cancellation.Cancel));
        var app = new App(new Terminal(TextWriter.Null, error), TimeProvider.System);
        string[] command = ["replicate", "web", "--to", _account.To, "--state", _account.State];
        return await app.RunAsync([.. command, .. args, .. _account.Connection], cancellation.Token);
    }
}
