using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>Whatever is wrong is said clearly, with the documented exit code, and leaves nothing behind.</summary>
public sealed class ReplicateBadInputTests
{
    private EmulatedAccount _account = null!;

    [SetUp]
    public async Task SetUp() => _account = await EmulatedAccount.StartAsync();

    [TearDown]
    public async Task TearDown() => await _account.DisposeAsync();

    [TestCase("i-0123456789abcdef0")]
    [TestCase("no-such-name")]
    public async Task Replicate_AnUnknownInstance_IsNotFoundAndNamesTheRegion(string instance)
    {
        var run = await _account.ReplicateAsync(instance);

        await _account.AssertErrorAsync(run, ExitCode.NotFound, instance, EmulatedAccount.Region);
    }

    [Test]
    public async Task Replicate_AMalformedId_IsAnError()
    {
        var run = await _account.ReplicateAsync("i-xyz");

        await _account.AssertErrorAsync(run, ExitCode.NotFound, "i-xyz");
    }

    [Test]
    public async Task Replicate_AnAmbiguousName_ListsTheIds()
    {
        var first = await _account.LaunchAsync("web");
        var second = await _account.LaunchAsync("web");

        var run = await _account.ReplicateAsync("web");

        await _account.AssertErrorAsync(run, ExitCode.NotFound, first.Id, second.Id);
    }

    [Test]
    public async Task Replicate_AnInstanceOfAnotherRegion_SaysThatItIsNotInThisOne()
    {
        var instance = await _account.LaunchAsync("web");

        var run = await CliRun.OfAsync(
            "replicate", instance.Id, "--to", _account.To, "--state", _account.State, "--json", "--region", "us-east-1",
            "--endpoint-url", _account.Endpoint);

        await _account.AssertErrorAsync(run, ExitCode.NotFound, instance.Id, "us-east-1");
    }

    [Test]
    public async Task Replicate_ATerminatedInstance_IsRefused()
    {
        var instance = await _account.LaunchAsync("web");
        await _account.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest { InstanceIds = [instance.Id] });

        var run = await _account.ReplicateAsync(instance.Id);

        await _account.AssertErrorAsync(run, ExitCode.Failed, instance.Id, "terminated");
    }

    [Test]
    public async Task Replicate_WithAWrongSecret_SaysThatTheCredentialsAreWrong()
    {
        await _account.LaunchAsync("web");

        var run = await _account.ReplicateAsync("web", "--profile", AwsEnvironment.WrongProfile);

        await _account.AssertErrorAsync(run, ExitCode.Failed, "credentials");
        Assert.That(run.Output + run.Error, Does.Not.Contain("not-the-secret"));
    }

    [Test]
    public async Task Replicate_WithAnUnknownProfile_NamesTheProfile()
    {
        var run = await _account.ReplicateAsync("web", "--profile", "no-such-profile");

        await _account.AssertErrorAsync(run, ExitCode.Failed, "no-such-profile");
    }

    [Test]
    public async Task Replicate_WithAnUnknownRegion_IsAUsageError()
    {
        var run = await CliRun.OfAsync(
            "replicate", "web", "--to", _account.To, "--state", _account.State, "--json", "--region", "middle-earth");

        await _account.AssertErrorAsync(run, ExitCode.Usage, "middle-earth");
    }

    [TestCase("ec2:DescribeInstances")]
    [TestCase("ec2:CreateSnapshots")]
    [TestCase("ebs:ListSnapshotBlocks")]
    public async Task Replicate_WithoutAPermission_NamesTheAction(string action)
    {
        await _account.LaunchAsync("web");
        _account.Faults.Add(new FaultRule { Operation = action, Kind = FaultKind.AccessDenied });

        var run = await _account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Output, Does.Contain(action));
        Assert.That(await _account.ListSnapshotsAsync(), Is.Empty);
    }

    [Test]
    public async Task Replicate_WithAnExpiredSession_SaysSo()
    {
        await _account.LaunchAsync("web");
        _account.Faults.Add(new FaultRule { Operation = "ec2:CreateSnapshots", Kind = FaultKind.ExpiredCredentials });

        var run = await _account.ReplicateAsync("web");

        await _account.AssertErrorAsync(run, ExitCode.Failed, "expired");
    }

    [Test]
    public async Task Replicate_WhenTheSnapshotFails_LeavesNothingBehind()
    {
        await _account.LaunchAsync("web");
        _account.Faults.Add(new FaultRule { Operation = "ec2:CreateSnapshots", Kind = FaultKind.FailedSnapshot });

        var run = await _account.ReplicateAsync("web");

        await _account.AssertErrorAsync(run, ExitCode.Failed, "snap-");
    }

    [Test]
    public async Task Replicate_WithAMissingFolder_IsAUsageErrorThatNamesIt()
    {
        var missing = _account.Folder["missing"];

        var run = await _account.RunAsync("replicate", "web", "--to", missing, "--state", _account.State, "--json");

        await _account.AssertErrorAsync(run, ExitCode.Usage, missing, "mkdir");
    }

    [Test]
    public async Task Replicate_WithFilesInsteadOfFolders_ReportsBoth()
    {
        var file = _account.Folder["file"];
        await File.WriteAllTextAsync(file, "x");

        var run = await _account.RunAsync("replicate", "web", "--to", file, "--state", file, "--json");

        await _account.AssertErrorAsync(run, ExitCode.Usage, "--to", "--state");
    }

    [Test]
    public async Task Replicate_WithTheStateOfAnotherInstance_IsRefused()
    {
        var first = await _account.LaunchAsync("first");
        var second = await _account.LaunchAsync("second");
        await _account.ReplicateAsync("first");
        var before = (await _account.ListSnapshotsAsync()).Select(snapshot => snapshot.SnapshotId).ToList();
        Directory.Move(Path.Combine(_account.State, first.Id), Path.Combine(_account.State, second.Id));

        var run = await _account.ReplicateAsync("second");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Output, Does.Contain(first.Id));
        var after = (await _account.ListSnapshotsAsync()).Select(snapshot => snapshot.SnapshotId);
        Assert.That(after, Is.EquivalentTo(before));
    }

    [Test]
    public async Task Replicate_OverAFileThatIsNotOurs_RefusesAndKeepsTheFile()
    {
        var instance = await _account.LaunchAsync("web");
        await File.WriteAllTextAsync(_account.ReplicaPath(instance.RootId), "precious");

        var run = await _account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Output, Does.Contain(_account.ReplicaPath(instance.RootId)));
        Assert.That(await File.ReadAllTextAsync(_account.ReplicaPath(instance.RootId)), Is.EqualTo("precious"));
        Assert.That((await _account.ListSnapshotsAsync()).Select(snapshot => snapshot.VolumeId), Has.No.Member(instance.RootId));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Replicate_AfterTheReplicaWasTouched_NoticesItAndRepairs(bool deleted)
    {
        var instance = await _account.LaunchAsync("web");
        await _account.ReplicateAsync("web");
        var replica = _account.ReplicaPath(instance.RootId);
        if (deleted)
        {
            File.Delete(replica);
        }
        else
        {
            using var handle = File.OpenHandle(replica, FileMode.Open, FileAccess.Write);
            RandomAccess.Write(handle, EmulatedAccount.Pattern(9, 4096), 500 << 20);
        }

        var run = await _account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await _account.AssertReplicaEqualsSourceAsync(instance);
        Assert.That(await _account.ListSnapshotsAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Replicate_ExcludingAnUnknownDisk_IsAUsageErrorThatNamesIt()
    {
        await _account.LaunchAsync("web");

        var run = await _account.ReplicateAsync("web", "--exclude-disk", "vol-0123456789abcdef0");

        await _account.AssertErrorAsync(run, ExitCode.Usage, "vol-0123456789abcdef0");
    }
}
