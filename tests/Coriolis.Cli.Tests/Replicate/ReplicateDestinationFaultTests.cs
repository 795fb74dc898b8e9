using System.Runtime.Versioning;

namespace Coriolis.Cli.Tests;

/// <summary>Destinations that cannot take the data: said on the folder or file it is about, and nothing stays in the account.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ReplicateDestinationFaultTests
{
    private EmulatedAccount _account = null!;
    private TestInstance _instance = null!;

    [SetUp]
    public async Task SetUp()
    {
        _account = await EmulatedAccount.StartAsync();
        _instance = await _account.LaunchAsync("web", dataDisks: 0);
    }

    [TearDown]
    public async Task TearDown() => await _account.DisposeAsync();

    [Test]
    public async Task Replicate_ToAReadOnlyFileSystem_FailsAndLeavesNothingBehind()
    {
        using var mounted = SmallFileSystem.Mount(_account.To, "ro,size=1m");

        var run = await _account.ReplicateAsync("web");

        await _account.AssertErrorAsync(run, ExitCode.Failed, _account.To);
    }

    [Test]
    public async Task Replicate_ToAFolderWithoutPermission_FailsAndLeavesNothingBehind()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("Root may write to every folder; the test with a read-only file system stands in.");
        }

        File.SetUnixFileMode(_account.To, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var run = await _account.ReplicateAsync("web");

        File.SetUnixFileMode(_account.To, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await _account.AssertErrorAsync(run, ExitCode.Failed, _account.To);
    }

    [Test]
    public async Task Replicate_ToAFullDisk_NamesTheFileAndLeavesNothingInTheAccount()
    {
        using var mounted = SmallFileSystem.Mount(_account.To, "size=512k");

        var run = await _account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Error);
        var error = run.Json.GetProperty("disks").EnumerateArray().Single().GetProperty("error").ToString();
        Assert.That(error, Does.Contain(_account.ReplicaPath(_instance.RootId)).And.Contain("space"));
        Assert.That(run.Error, Does.Not.Contain("   at "));
        Assert.That(await _account.ListSnapshotsAsync(), Is.Empty);
    }

    [Test]
    public async Task Replicate_AfterAFullDiskGotSpace_CompletesTheReplica()
    {
        using (SmallFileSystem.Mount(_account.To, "size=512k"))
        {
            Assert.That((await _account.ReplicateAsync("web")).ExitCode, Is.EqualTo(ExitCode.Failed));
        }

        var run = await _account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await _account.AssertReplicaEqualsSourceAsync(_instance);
        Assert.That((await _account.ListSnapshotsAsync()).Select(snapshot => snapshot.VolumeId), Is.EqualTo([_instance.RootId]));
    }
}
