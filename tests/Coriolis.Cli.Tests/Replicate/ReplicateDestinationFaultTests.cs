using System.Runtime.Versioning;

namespace Coriolis.Cli.Tests;

/// <summary>Destinations that cannot take the data: said on the folder or file it is about, and nothing stays in the account.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ReplicateDestinationFaultTests : AccountTests
{
    private TestInstance _instance = null!;

    [SetUp]
    public async Task SetUp()
    {
        _instance = await Account.LaunchAsync("web", dataDisks: 0);
    }

    [Test]
    public async Task Replicate_ToAReadOnlyFileSystem_FailsAndLeavesNothingBehind()
    {
        using var mounted = SmallFileSystem.Mount(Account.To, "ro,size=1m");

        var run = await Account.ReplicateAsync("web");

        await Account.AssertErrorAsync(run, ExitCode.Failed, Account.To);
    }

    [Test]
    public async Task Replicate_ToAFolderWithoutPermission_FailsAndLeavesNothingBehind()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("Root may write to every folder; the test with a read-only file system stands in.");
        }

        File.SetUnixFileMode(Account.To, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var run = await Account.ReplicateAsync("web");

        File.SetUnixFileMode(Account.To, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await Account.AssertErrorAsync(run, ExitCode.Failed, Account.To);
    }

    [Test]
    public async Task Replicate_ToAFullDisk_NamesTheFileAndLeavesNothingInTheAccount()
    {
        using var mounted = SmallFileSystem.Mount(Account.To, "size=512k");

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Error);
        var error = run.Json.GetProperty("disks").EnumerateArray().Single().GetProperty("error").ToString();
        Assert.That(error, Does.Contain(Account.ReplicaPath(_instance.RootId)).And.Contain("space"));
        Assert.That(run.Error, Does.Not.Contain("   at "));
        Assert.That(await Account.ListSnapshotsAsync(), Is.Empty);
    }

    [Test]
    public async Task Replicate_AfterAFullDiskGotSpace_CompletesTheReplica()
    {
        using (SmallFileSystem.Mount(Account.To, "size=512k"))
        {
            Assert.That((await Account.ReplicateAsync("web")).ExitCode, Is.EqualTo(ExitCode.Failed));
        }

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(_instance);
        Assert.That((await Account.ListSnapshotsAsync()).Select(snapshot => snapshot.VolumeId), Is.EqualTo([_instance.RootId]));
    }
}
