using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

public sealed class ReplicateCancellationTests : AccountTests
{
    [TestCase("inspect")]
    [TestCase("capture")]
    [TestCase("transfer")]
    public async Task Replicate_CancelledBeforeACommit_LeavesNothingBehind(string stage)
    {
        await Account.LaunchAsync("web");
        Account.Faults.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang });

        var exitCode = await RunCancelledAtAsync(stage);

        Assert.That(exitCode, Is.EqualTo(ExitCode.Cancelled));
        Assert.That(await Account.ListSnapshotsAsync(), Is.Empty);
    }

    [TestCase("commit")]
    [TestCase("release")]
    public async Task Replicate_CancelledLate_IsCompletedByTheNextRun(string stage)
    {
        var instance = await Account.LaunchAsync("web");
        await RunCancelledAtAsync(stage);

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        var snapshots = await Account.ListSnapshotsAsync();
        Assert.That(snapshots.Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(instance.VolumeIds));
    }

    [Test]
    public async Task Replicate_CancelledWhileAnInstanceIsShutDown_StartsItAgain()
    {
        var instance = await Account.LaunchAsync("web");
        Account.Faults.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang });

        var exitCode = await RunCancelledAtAsync("transfer", "--shutdown");

        Assert.That(exitCode, Is.EqualTo(ExitCode.Cancelled));
        Assert.That(await Account.GetStateAsync(instance.Id), Is.EqualTo("running"));
        Assert.That(await Account.ListSnapshotsAsync(), Is.Empty);
    }

    private async Task<int> RunCancelledAtAsync(string stage, params string[] args)
    {
        using var cancellation = new CancellationTokenSource();
        await using var error = new ReactingWriter((stage, cancellation.Cancel));
        var app = new App(new Terminal(TextWriter.Null, error), TimeProvider.System);
        string[] command = ["replicate", "web", "--to", Account.To, "--state", Account.State];
        return await app.RunAsync([.. command, .. args, .. Account.Connection], cancellation.Token);
    }
}
