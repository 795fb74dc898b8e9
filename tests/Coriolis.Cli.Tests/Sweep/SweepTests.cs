using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

public sealed class SweepTests
{
    private EmulatedAccount _account = null!;

    [SetUp]
    public async Task SetUp() => _account = await EmulatedAccount.StartAsync();

    [TearDown]
    public async Task TearDown() => await _account.DisposeAsync();

    [Test]
    public async Task Sweep_AnEmptyAccount_SaysSo()
    {
        var run = await _account.RunAsync("sweep");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Output, Is.EqualTo("Nothing of ours is in the account." + Environment.NewLine));
    }

    [Test]
    public async Task Sweep_AfterAReplication_KeepsTheBaselines()
    {
        var instance = await _account.LaunchAsync("web");
        await _account.ReplicateAsync("web");

        var run = await _account.RunAsync("sweep", "--state", _account.State, "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        var actions = run.Json.GetProperty("resources").EnumerateArray().Select(resource => resource.GetProperty("action").GetString());
        Assert.That(actions, Has.Exactly(2).Items.And.All.EqualTo("kept"));
        var snapshots = await _account.ListSnapshotsAsync();
        Assert.That(snapshots.Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(instance.VolumeIds));
    }

    [Test]
    public async Task Sweep_WithTheState_RemovesWhatAReleaseCouldNot()
    {
        await ReplicateWithoutBeingAbleToDeleteAsync();

        var run = await _account.RunAsync("sweep", "--state", _account.State, "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(await _account.ListSnapshotsAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Sweep_DryRun_RemovesNothing()
    {
        await ReplicateWithoutBeingAbleToDeleteAsync();
        var before = (await _account.ListSnapshotsAsync()).Select(snapshot => snapshot.SnapshotId).ToList();

        var run = await _account.RunAsync("sweep", "--state", _account.State, "--dry-run", "--json");

        Assert.That(run.Json.GetProperty("dryRun").GetBoolean(), Is.True);
        var actions = run.Json.GetProperty("resources").EnumerateArray().Select(resource => resource.GetProperty("action").GetString());
        Assert.That(actions, Has.Member("removed"));
        Assert.That((await _account.ListSnapshotsAsync()).Select(snapshot => snapshot.SnapshotId), Is.EquivalentTo(before));
    }

    [Test]
    public async Task Sweep_AForeignSnapshot_IsNotTouched()
    {
        var instance = await _account.LaunchAsync("web");
        var foreign = await _account.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = instance.RootId });

        var run = await _account.RunAsync("sweep", "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Json.GetProperty("resources").GetArrayLength(), Is.Zero);
        var left = await _account.ListSnapshotsAsync();
        Assert.That(left.Select(snapshot => snapshot.SnapshotId), Is.EqualTo((string[])[foreign.Snapshot.SnapshotId]));
    }

    [Test]
    public async Task Sweep_WithAMissingStateFolder_IsAUsageError()
    {
        var run = await _account.RunAsync("sweep", "--state", _account.Folder["missing"]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Error, Does.Contain(_account.Folder["missing"]));
    }

    /// <summary>Replicates twice; the superseded baselines of the first run cannot be deleted by the second one.</summary>
    private async Task ReplicateWithoutBeingAbleToDeleteAsync()
    {
        await _account.LaunchAsync("web");
        await _account.ReplicateAsync("web");
        _account.Faults.Add(new FaultRule { Operation = "ec2:DeleteSnapshot", Kind = FaultKind.AccessDenied });
        var run = await _account.ReplicateAsync("web");
        _account.Faults.Clear();
        Assert.That(run.Json.GetProperty("leftBehind").GetArrayLength(), Is.EqualTo(2), run.Error);
        Assert.That(await _account.ListSnapshotsAsync(), Has.Count.EqualTo(4));
    }
}
