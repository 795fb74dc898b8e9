using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

public sealed class SweepTests : AccountTests
{
    [Test]
    public async Task Sweep_AnEmptyAccount_SaysSo()
    {
        var run = await Account.RunAsync("sweep");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Output, Is.EqualTo("Nothing of ours is in the account." + Environment.NewLine));
    }

    [Test]
    public async Task Sweep_AfterAReplication_KeepsTheBaselines()
    {
        var instance = await Account.LaunchAsync("web");
        await Account.ReplicateAsync("web");

        var run = await Account.RunAsync("sweep", "--state", Account.State, "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        var actions = run.Json.GetProperty("resources").EnumerateArray().Select(resource => resource.GetProperty("action").GetString());
        Assert.That(actions, Has.Exactly(2).Items.And.All.EqualTo("kept"));
        var snapshots = await Account.ListSnapshotsAsync();
        Assert.That(snapshots.Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(instance.VolumeIds));
    }

    [Test]
    public async Task Sweep_WithTheState_RemovesWhatAReleaseCouldNot()
    {
        await ReplicateWithoutBeingAbleToDeleteAsync();

        var run = await Account.RunAsync("sweep", "--state", Account.State, "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(await Account.ListSnapshotsAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Sweep_DryRun_RemovesNothing()
    {
        await ReplicateWithoutBeingAbleToDeleteAsync();
        var before = (await Account.ListSnapshotsAsync()).Select(snapshot => snapshot.SnapshotId).ToList();

        var run = await Account.RunAsync("sweep", "--state", Account.State, "--dry-run", "--json");

        Assert.That(run.Json.GetProperty("dryRun").GetBoolean(), Is.True);
        var actions = run.Json.GetProperty("resources").EnumerateArray().Select(resource => resource.GetProperty("action").GetString());
        Assert.That(actions, Has.Member("removed"));
        Assert.That((await Account.ListSnapshotsAsync()).Select(snapshot => snapshot.SnapshotId), Is.EquivalentTo(before));
    }

    [Test]
    public async Task Sweep_AForeignSnapshot_IsNotTouched()
    {
        var instance = await Account.LaunchAsync("web");
        var foreign = await Account.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = instance.RootId });

        var run = await Account.RunAsync("sweep", "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Json.GetProperty("resources").GetArrayLength(), Is.Zero);
        var left = await Account.ListSnapshotsAsync();
        Assert.That(left.Select(snapshot => snapshot.SnapshotId), Is.EqualTo((string[])[foreign.Snapshot.SnapshotId]));
    }

    [Test]
    public async Task Sweep_OlderThan_KeepsWhatIsYoungerAndSaysWhatTheRestCosts()
    {
        await ReplicateWithoutBeingAbleToDeleteAsync();

        var all = await Account.RunAsync("sweep", "--state", Account.State, "--dry-run", "--json");
        var old = await Account.RunAsync("sweep", "--state", Account.State, "--older-than", "1", "--json");

        Assert.That(all.Json.GetProperty("removedHourlyCostUsd").GetDecimal(), Is.EqualTo(0.000136m));
        Assert.That(old.Json.GetProperty("removedHourlyCostUsd").GetDecimal(), Is.Zero);
        Assert.That(await Account.ListSnapshotsAsync(), Has.Count.EqualTo(4));
        var table = await Account.RunAsync("sweep", "--state", Account.State, "--dry-run");
        Assert.That(table.Output, Does.Contain("superseded baseline").And.Contain("0.0001").And.Contain("Would save at most 0.0001 USD"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Sweep_WhileARunIsGoingOn_KeepsWhatItHolds(CancellationToken cancellationToken)
    {
        await Account.LaunchAsync("web", dataDisks: 0);
        Account.Faults.Add(new FaultRule { Operation = "ebs:GetSnapshotBlock", Kind = FaultKind.Hang });
        using var process = ChildProcess.OfTool(
            ["replicate", "web", "--to", Account.To, "--state", Account.State, .. Account.Connection]);
        var ended = process.WaitAsync(cancellationToken);
        while (!Account.Calls.GetLatest().Any(call => call.Fault is not null))
        {
            Assert.That(ended.IsCompleted, Is.False);
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }

        var running = await Account.RunAsync("sweep", "--state", Account.State, "--json");
        Assert.That(running.Json.GetProperty("resources")[0].GetProperty("why").GetString(), Is.EqualTo("its execution is running"));
        Assert.That(await Account.ListSnapshotsAsync(), Has.Count.EqualTo(1));

        process.Kill();
        await ended;
        Account.Faults.Clear();
        var dead = await Account.RunAsync("sweep", "--state", Account.State, "--json");
        Assert.That(dead.Json.GetProperty("resources")[0].GetProperty("why").GetString(), Is.EqualTo("its execution has ended"));
        Assert.That(await Account.ListSnapshotsAsync(), Is.Empty);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Sweep_AfterARunDiedThatHadShutDownItsInstance_StartsItOnce(CancellationToken cancellationToken)
    {
        var instance = await KillAfterShutdownAsync(cancellationToken);

        var dry = await Account.RunAsync("sweep", "--state", Account.State, "--dry-run", "--json");
        Assert.That(dry.Json.GetProperty("resources")[0].GetProperty("action").GetString(), Is.EqualTo("removed"), dry.Output);
        Assert.That(await Account.GetStateAsync(instance.Id), Is.EqualTo("stopped"));

        var sweep = await Account.RunAsync("sweep", "--state", Account.State);
        Assert.That(sweep.Output, Does.Contain("started again"));
        Assert.That(await Account.GetStateAsync(instance.Id), Is.EqualTo("running"));

        await Account.Ec2.StopInstancesAsync(new StopInstancesRequest([instance.Id]), cancellationToken);
        await Account.RunAsync("sweep", "--state", Account.State);
        Assert.That(await Account.GetStateAsync(instance.Id), Is.EqualTo("stopped"), "it was stopped by its owner then");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Replicate_AfterARunDiedThatHadShutDownItsInstance_StartsIt(CancellationToken cancellationToken)
    {
        var instance = await KillAfterShutdownAsync(cancellationToken);

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(await Account.GetStateAsync(instance.Id), Is.EqualTo("running"));
    }

    [Test]
    public async Task Sweep_AfterAMigration_LeavesTheInstanceDown()
    {
        var instance = await Account.LaunchAsync("web", dataDisks: 0);
        var migration = await Account.RunAsync("migrate", "web", "--to", Account.To, "--state", Account.State, "--json");
        Assert.That(migration.ExitCode, Is.EqualTo(ExitCode.Done), migration.Error);

        await Account.RunAsync("sweep", "--state", Account.State);

        Assert.That(await Account.GetStateAsync(instance.Id), Is.EqualTo("stopped"));
    }

    [Test]
    public async Task Sweep_WithAMissingStateFolder_IsAUsageError()
    {
        var run = await Account.RunAsync("sweep", "--state", Account.Folder["missing"]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Error, Does.Contain(Account.Folder["missing"]));
    }

    /// <summary>Kills a run that has shut its instance down and is about to capture it.</summary>
    private async Task<TestInstance> KillAfterShutdownAsync(CancellationToken cancellationToken)
    {
        var instance = await Account.LaunchAsync("web", dataDisks: 0);
        Account.Faults.Add(new FaultRule { Operation = "ec2:CreateSnapshots", Kind = FaultKind.Hang });
        using var process = ChildProcess.OfTool(
            ["migrate", "web", "--syncs", "0", "--to", Account.To, "--state", Account.State, .. Account.Connection]);
        var ended = process.WaitAsync(cancellationToken);
        await Account.Calls.WaitForAsync(call => call.Fault is not null, cancellationToken);
        process.Kill();
        await ended;
        Account.Faults.Clear();
        Assert.That(await Account.GetStateAsync(instance.Id), Is.EqualTo("stopped"));
        return instance;
    }

    /// <summary>Replicates twice; the superseded baselines of the first run cannot be deleted by the second one.</summary>
    private async Task ReplicateWithoutBeingAbleToDeleteAsync()
    {
        await Account.LaunchAsync("web");
        await Account.ReplicateAsync("web");
        Account.Faults.Add(new FaultRule { Operation = "ec2:DeleteSnapshot", Kind = FaultKind.AccessDenied });
        var run = await Account.ReplicateAsync("web");
        Account.Faults.Clear();
        Assert.That(run.Json.GetProperty("leftBehind").GetArrayLength(), Is.EqualTo(2), run.Error);
        Assert.That(await Account.ListSnapshotsAsync(), Has.Count.EqualTo(4));
    }
}
