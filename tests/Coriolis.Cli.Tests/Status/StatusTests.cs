using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

public sealed class StatusTests : AccountTests
{
    [Test]
    public async Task Status_AfterARun_ShowsWhatTheReplicaHolds()
    {
        var instance = await Account.LaunchAsync("web");
        await Account.ReplicateAsync("web");

        var status = (await StatusAsync("--json")).Json.GetProperty("replicas").EnumerateArray().Single();

        Assert.Multiple(() =>
        {
            Assert.That(status.GetProperty("instanceId").GetString(), Is.EqualTo(instance.Id));
            Assert.That(status.GetProperty("instanceName").GetString(), Is.EqualTo("web"));
            Assert.That(status.GetProperty("state").GetString(), Is.EqualTo("succeeded"));
            Assert.That(status.GetProperty("lagSeconds").GetDouble(), Is.InRange(0, 600));
            Assert.That(status.GetProperty("sizeBytes").GetInt64(), Is.EqualTo(2 * EmulatedAccount.GiB));
            Assert.That(status.GetProperty("positionBytes").GetInt64(), Is.EqualTo(2 * EmulatedAccount.GiB));
            Assert.That(status.GetProperty("disks").EnumerateArray().Select(disk => disk.GetProperty("diskId").GetString()), Is.EquivalentTo(instance.VolumeIds));
        });
        var table = await StatusAsync("web");
        Assert.That(table.Output, Does.Contain(instance.Id).And.Contain("succeeded").And.Contain("100 %").And.Contain(instance.RootId));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Status_WhileAnotherProcessRunsAndAfterItDied_SaysSo(CancellationToken cancellationToken)
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

        var running = (await StatusAsync("--json")).Json.GetProperty("replicas")[0];
        process.Kill();
        await ended;
        var dead = (await StatusAsync("--json")).Json.GetProperty("replicas")[0];
        Account.Faults.Clear();
        await Account.ReplicateAsync("web");
        var done = (await StatusAsync("--json")).Json.GetProperty("replicas")[0];

        Assert.That(running.GetProperty("state").GetString(), Is.EqualTo("running"));
        Assert.That(running.GetProperty("endedAt").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null));
        Assert.That(dead.GetProperty("state").GetString(), Is.EqualTo("interrupted"));
        Assert.That(done.GetProperty("state").GetString(), Is.EqualTo("succeeded"));
    }

    [Test]
    public async Task Status_OfAFailedRun_SaysWhy()
    {
        await Account.LaunchAsync("web", dataDisks: 0);
        Account.Faults.Add(new FaultRule { Operation = "ec2:CreateSnapshots", Kind = FaultKind.AccessDenied });
        await Account.ReplicateAsync("web");

        var run = await StatusAsync();

        Assert.That(run.Output, Does.Contain("failed").And.Contain("ec2:CreateSnapshots"));
    }

    [Test]
    public async Task Status_NoSuchReplica_IsNotFound()
    {
        Directory.CreateDirectory(Account.State);

        Assert.That((await StatusAsync("web")).ExitCode, Is.EqualTo(ExitCode.NotFound));
        Assert.That((await StatusAsync()).Output, Does.Contain("There is no replica here."));
    }

    [Test]
    public async Task Status_WithoutAStateFolder_IsAUsageError() =>
        Assert.That((await StatusAsync()).ExitCode, Is.EqualTo(ExitCode.Usage));

    private Task<CliRun> StatusAsync(params string[] args) => CliRun.OfAsync(["status", .. args, "--state", Account.State]);
}
