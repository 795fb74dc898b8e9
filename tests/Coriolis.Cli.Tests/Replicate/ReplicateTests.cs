namespace Coriolis.Cli.Tests;

public sealed class ReplicateTests : AccountTests
{
    [Test]
    public async Task Replicate_ForTheFirstTime_CopiesEveryDiskAndKeepsOneBaselineEach()
    {
        var instance = await Account.LaunchAsync("web", dataDisks: 2);
        Account.Write(instance.DataIds[0], 300 << 20, EmulatedAccount.Pattern(2, 3 * EmulatedAccount.Chunk));

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        var snapshots = await Account.ListSnapshotsAsync();
        Assert.That(snapshots.Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(instance.VolumeIds));
    }

    [Test]
    public async Task Replicate_ForTheFirstTime_PrintsTheDocumentedObject()
    {
        var instance = await Account.LaunchAsync("web");

        var run = await Account.ReplicateAsync(instance.Id);

        string[] members = ["executionId", "instanceId", "mode", "status", "pointInTime", "resumed", "seconds", "disks", "awsCalls", "leftBehind"];
        string[] diskMembers =
        [
            "diskId", "sizeBytes", "mode", "readPath", "changedBytes", "zeroBytes", "transferredBytes", "resumedBytes", "digest", "status",
            "error",
        ];
        var disk = run.Json.GetProperty("disks")[0];
        Assert.Multiple(() =>
        {
            Assert.That(run.Json.EnumerateObject().Select(member => member.Name), Is.EqualTo(members));
            Assert.That(run.Json.GetProperty("instanceId").GetString(), Is.EqualTo(instance.Id));
            Assert.That(run.Json.GetProperty("mode").GetString(), Is.EqualTo("full"));
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("succeeded"));
            Assert.That(run.Json.GetProperty("leftBehind").GetArrayLength(), Is.Zero);
            Assert.That(disk.EnumerateObject().Select(member => member.Name), Is.EqualTo(diskMembers));
            Assert.That(disk.GetProperty("diskId").GetString(), Is.EqualTo(instance.RootId));
            Assert.That(disk.GetProperty("sizeBytes").GetInt64(), Is.EqualTo(EmulatedAccount.GiB));
            Assert.That(disk.GetProperty("readPath").GetString(), Is.EqualTo("direct"));
            Assert.That(disk.GetProperty("transferredBytes").GetInt64(), Is.EqualTo(2 * EmulatedAccount.Chunk));
            Assert.That(disk.GetProperty("digest").GetString(), Has.Length.EqualTo(64));
            Assert.That(disk.GetProperty("status").GetString(), Is.EqualTo("committed"));
        });
    }

    [Test]
    public async Task Replicate_AnyRun_CountsTheCallsThatTheServiceReceived()
    {
        await Account.LaunchAsync("web");
        Account.Calls.Clear();

        var run = await Account.ReplicateAsync("web");

        var counted = run.Json.GetProperty("awsCalls").EnumerateObject().ToDictionary(call => call.Name, call => call.Value.GetInt64());
        Assert.That(counted, Is.EqualTo(Account.Calls.GetCounts()));
        Assert.That(counted["ec2:CreateSnapshots"], Is.EqualTo(1));
    }

    [Test]
    public async Task Replicate_AfterAChange_CopiesTheChangeOnly()
    {
        var instance = await Account.LaunchAsync("web");
        await Account.ReplicateAsync("web");
        Account.Write(instance.DataIds[0], 100 << 20, EmulatedAccount.Pattern(3, EmulatedAccount.Chunk));

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        Assert.That(run.Json.GetProperty("mode").GetString(), Is.EqualTo("incremental"));
        var transferred = run.Json.GetProperty("disks").EnumerateArray().Select(disk => disk.GetProperty("transferredBytes").GetInt64());
        Assert.That(transferred, Is.EqualTo((long[])[0, EmulatedAccount.Chunk]));
        Assert.That(await Account.ListSnapshotsAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Replicate_WithAnExcludedDisk_LeavesItOut()
    {
        var instance = await Account.LaunchAsync("web", dataDisks: 2);

        var run = await Account.ReplicateAsync("web", "--exclude-disk", instance.DataIds[1], "--verify");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        var snapshots = await Account.ListSnapshotsAsync();
        Assert.Multiple(() =>
        {
            Assert.That(File.Exists(Account.ReplicaPath(instance.DataIds[0])), Is.True);
            Assert.That(File.Exists(Account.ReplicaPath(instance.DataIds[1])), Is.False);
            Assert.That(snapshots.Select(snapshot => snapshot.VolumeId), Has.No.Member(instance.DataIds[1]));
        });
    }

    [Test]
    public async Task Replicate_WithShutdown_StopsTheInstance()
    {
        var instance = await Account.LaunchAsync("web");

        var run = await Account.ReplicateAsync("web", "--shutdown");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(await Account.GetStateAsync(instance.Id), Is.EqualTo("stopped"));
    }

    [Test]
    public async Task Replicate_ForPeople_PrintsAReportAndProgressLines()
    {
        var instance = await Account.LaunchAsync("web");

        var run = await Account.RunAsync("replicate", "web", "--to", Account.To, "--state", Account.State);

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
            Assert.That(run.Output, Does.Contain(instance.Id).And.Contain("succeeded").And.Contain(instance.RootId));
            Assert.That(run.Error, Does.Contain($"{instance.RootId}: transfer"));
        });
    }

    [Test]
    public async Task Replicate_Quiet_PrintsNoProgress()
    {
        await Account.LaunchAsync("web");

        var run = await Account.ReplicateAsync("web", "--quiet");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done));
        Assert.That(run.Error, Is.Empty);
    }

    [Test]
    public async Task Replicate_Verbose_LogsWithoutTheSecret()
    {
        await Account.LaunchAsync("web");

        var run = await Account.ReplicateAsync("web", "--verbose");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done));
        Assert.That(run.Error, Does.Contain("info:").And.Not.Contain(AwsEnvironment.Credential.SecretAccessKey));
        Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("succeeded"));
    }
}
