using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>Whatever is wrong is said clearly, with the documented exit code, and leaves nothing behind.</summary>
public sealed class ReplicateBadInputTests : AccountTests
{
    [TestCase("i-0123456789abcdef0")]
    [TestCase("no-such-name")]
    public async Task Replicate_AnUnknownInstance_IsNotFoundAndNamesTheRegion(string instance)
    {
        var run = await Account.ReplicateAsync(instance);

        await Account.AssertErrorAsync(run, ExitCode.NotFound, instance, EmulatedAccount.Region);
    }

    [Test]
    public async Task Replicate_AMalformedId_IsAnError()
    {
        var run = await Account.ReplicateAsync("i-xyz");

        await Account.AssertErrorAsync(run, ExitCode.NotFound, "i-xyz");
    }

    [Test]
    public async Task Replicate_AnAmbiguousName_ListsTheIds()
    {
        var first = await Account.LaunchAsync("web");
        var second = await Account.LaunchAsync("web");

        var run = await Account.ReplicateAsync("web");

        await Account.AssertErrorAsync(run, ExitCode.NotFound, first.Id, second.Id);
    }

    [Test]
    public async Task Replicate_AnInstanceOfAnotherRegion_SaysThatItIsNotInThisOne()
    {
        var instance = await Account.LaunchAsync("web");

        var run = await CliRun.OfAsync(
            "replicate", instance.Id, "--to", Account.To, "--state", Account.State, "--json", "--region", "us-east-1",
            "--endpoint-url", Account.Endpoint);

        await Account.AssertErrorAsync(run, ExitCode.NotFound, instance.Id, "us-east-1");
    }

    [Test]
    public async Task Replicate_ATerminatedInstance_IsRefused()
    {
        var instance = await Account.LaunchAsync("web");
        await Account.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest { InstanceIds = [instance.Id] });

        var run = await Account.ReplicateAsync(instance.Id);

        await Account.AssertErrorAsync(run, ExitCode.Failed, instance.Id, "terminated");
    }

    [Test]
    public async Task Replicate_WithAWrongSecret_SaysThatTheCredentialsAreWrong()
    {
        await Account.LaunchAsync("web");

        var run = await Account.ReplicateAsync("web", "--profile", AwsEnvironment.WrongProfile);

        await Account.AssertErrorAsync(run, ExitCode.Failed, "credentials");
        Assert.That(run.Output + run.Error, Does.Not.Contain("not-the-secret"));
    }

    [Test]
    public async Task Replicate_WithAnUnknownProfile_NamesTheProfile()
    {
        var run = await Account.ReplicateAsync("web", "--profile", "no-such-profile");

        await Account.AssertErrorAsync(run, ExitCode.Failed, "no-such-profile");
    }

    [Test]
    public async Task Replicate_WithAnUnknownRegion_IsAUsageError()
    {
        var run = await CliRun.OfAsync(
            "replicate", "web", "--to", Account.To, "--state", Account.State, "--json", "--region", "middle-earth");

        await Account.AssertErrorAsync(run, ExitCode.Usage, "middle-earth");
    }

    [TestCase("ec2:DescribeInstances")]
    [TestCase("ec2:CreateSnapshots")]
    [TestCase("ebs:ListSnapshotBlocks")]
    public async Task Replicate_WithoutAPermission_NamesTheAction(string action)
    {
        await Account.LaunchAsync("web");
        Account.Faults.Add(new FaultRule { Operation = action, Kind = FaultKind.AccessDenied });

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Output, Does.Contain(action));
        Assert.That(await Account.ListSnapshotsAsync(), Is.Empty);
    }

    [Test]
    public async Task Replicate_WithAnExpiredSession_SaysSo()
    {
        await Account.LaunchAsync("web");
        Account.Faults.Add(new FaultRule { Operation = "ec2:CreateSnapshots", Kind = FaultKind.ExpiredCredentials });

        var run = await Account.ReplicateAsync("web");

        await Account.AssertErrorAsync(run, ExitCode.Failed, "expired");
    }

    [Test]
    public async Task Replicate_WhenTheSnapshotFails_LeavesNothingBehind()
    {
        await Account.LaunchAsync("web");
        Account.Faults.Add(new FaultRule { Operation = "ec2:CreateSnapshots", Kind = FaultKind.FailedSnapshot });

        var run = await Account.ReplicateAsync("web");

        await Account.AssertErrorAsync(run, ExitCode.Failed, "snap-");
    }

    [Test]
    public async Task Replicate_WithAMissingFolder_IsAUsageErrorThatNamesIt()
    {
        var missing = Account.Folder["missing"];

        var run = await Account.RunAsync("replicate", "web", "--to", missing, "--state", Account.State, "--json");

        await Account.AssertErrorAsync(run, ExitCode.Usage, missing, "mkdir");
    }

    [Test]
    public async Task Replicate_WithFilesInsteadOfFolders_ReportsBoth()
    {
        var file = Account.Folder["file"];
        await File.WriteAllTextAsync(file, "x");

        var run = await Account.RunAsync("replicate", "web", "--to", file, "--state", file, "--json");

        await Account.AssertErrorAsync(run, ExitCode.Usage, "--to", "--state");
    }

    [Test]
    public async Task Replicate_WithTheStateOfAnotherInstance_IsRefused()
    {
        var first = await Account.LaunchAsync("first");
        var second = await Account.LaunchAsync("second");
        await Account.ReplicateAsync("first");
        var before = (await Account.ListSnapshotsAsync()).Select(snapshot => snapshot.SnapshotId).ToList();
        Directory.Move(Path.Combine(Account.State, first.Id), Path.Combine(Account.State, second.Id));

        var run = await Account.ReplicateAsync("second");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Output, Does.Contain(first.Id));
        var after = (await Account.ListSnapshotsAsync()).Select(snapshot => snapshot.SnapshotId);
        Assert.That(after, Is.EquivalentTo(before));
    }

    [Test]
    public async Task Replicate_OverAFileThatIsNotOurs_RefusesAndKeepsTheFile()
    {
        var instance = await Account.LaunchAsync("web");
        await File.WriteAllTextAsync(Account.ReplicaPath(instance.RootId), "precious");

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Output, Does.Contain(Account.ReplicaPath(instance.RootId)));
        Assert.That(await File.ReadAllTextAsync(Account.ReplicaPath(instance.RootId)), Is.EqualTo("precious"));
        Assert.That((await Account.ListSnapshotsAsync()).Select(snapshot => snapshot.VolumeId), Has.No.Member(instance.RootId));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Replicate_AfterTheReplicaWasTouched_NoticesItAndRepairs(bool deleted)
    {
        var instance = await Account.LaunchAsync("web");
        await Account.ReplicateAsync("web");
        var replica = Account.ReplicaPath(instance.RootId);
        if (deleted)
        {
            File.Delete(replica);
        }
        else
        {
            using var handle = File.OpenHandle(replica, FileMode.Open, FileAccess.Write);
            RandomAccess.Write(handle, EmulatedAccount.Pattern(9, 4096), 500 << 20);
        }

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        Assert.That(await Account.ListSnapshotsAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Replicate_ExcludingAnUnknownDisk_IsAUsageErrorThatNamesIt()
    {
        await Account.LaunchAsync("web");

        var run = await Account.ReplicateAsync("web", "--exclude-disk", "vol-0123456789abcdef0");

        await Account.AssertErrorAsync(run, ExitCode.Usage, "vol-0123456789abcdef0");
    }
}
