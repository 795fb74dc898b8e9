namespace Coriolis.Cli.Tests;

public sealed class VerifyTests : AccountTests
{
    private TestInstance _instance = null!;

    [SetUp]
    public async Task SetUp()
    {
        _instance = await Account.LaunchAsync("web");
        await Account.ReplicateAsync("web");
    }

    [Test]
    public async Task Verify_AnIntactReplica_IsEqual()
    {
        var run = await VerifyAsync("web");

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("equal"));
            Assert.That(run.Json.GetProperty("disks").GetArrayLength(), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Verify_ById_NeedsNoAccount()
    {
        Account.Calls.Clear();

        var run = await VerifyAsync(_instance.Id);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(Account.Calls.GetCounts(), Is.Empty);
    }

    [Test]
    public async Task Verify_OneChangedByte_NamesTheDiskAndTheRange()
    {
        const long Offset = 700 << 20;
        using (var handle = File.OpenHandle(Account.ReplicaPath(_instance.RootId), FileMode.Open, FileAccess.Write))
        {
            RandomAccess.Write(handle, [1], Offset + 5);
        }

        var run = await VerifyAsync(_instance.Id);

        var disk = run.Json.GetProperty("disks").EnumerateArray().Single(disk => disk.GetProperty("status").GetString() == "different");
        var range = disk.GetProperty("differentRanges").EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("different"));
            Assert.That(disk.GetProperty("diskId").GetString(), Is.EqualTo(_instance.RootId));
            Assert.That(range.GetProperty("offset").GetInt64(), Is.EqualTo(Offset));
            Assert.That(range.GetProperty("length").GetInt64(), Is.EqualTo(EmulatedAccount.Chunk));
        });
    }

    [Test]
    public async Task Verify_AMissingDisk_IsNotEqual()
    {
        File.Delete(Account.ReplicaPath(_instance.RootId));

        var run = await VerifyAsync(_instance.Id);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("different"));
        Assert.That(File.Exists(Account.ReplicaPath(_instance.RootId)), Is.False, "verify must not create what it looks for");
    }

    [Test]
    public async Task Verify_AnInstanceThatWasNeverReplicated_IsAnError()
    {
        var run = await VerifyAsync("i-0123456789abcdef0");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Json.GetProperty("error").GetProperty("message").GetString(), Does.Contain("i-0123456789abcdef0"));
    }

    [Test]
    public async Task Verify_ForPeople_SaysWhatIsEqual()
    {
        var run = await Account.RunAsync("verify", _instance.Id, "--to", Account.To, "--state", Account.State);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Output, Does.Contain("equal").And.Contain(_instance.RootId));
    }

    [Test]
    public async Task Verify_RepairOfADamageThatLooksUntouched_FetchesOnlyTheBadChunk()
    {
        var path = Account.ReplicaPath(_instance.RootId);
        var modified = File.GetLastWriteTimeUtc(path);
        using (var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write))
        {
            RandomAccess.Write(handle, [1, 2, 3], EmulatedAccount.Chunk);
        }

        // What a failing disk does, and what no time stamp shows.
        File.SetLastWriteTimeUtc(path, modified);

        var run = await VerifyAsync(_instance.Id, "--repair");

        var repair = run.Json.GetProperty("repair");
        var written = repair.GetProperty("disks").EnumerateArray().Sum(disk => disk.GetProperty("transferredBytes").GetInt64());
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
            Assert.That(run.Json.GetProperty("status").GetString(), Is.EqualTo("different"));
            Assert.That(repair.GetProperty("mode").GetString(), Is.EqualTo("incremental"));
            Assert.That(written, Is.EqualTo(EmulatedAccount.Chunk));
        });
        await Account.AssertReplicaEqualsSourceAsync(_instance);
    }

    [Test]
    public async Task Verify_RepairOfAnIntactReplica_AsksAwsForNothing()
    {
        Account.Calls.Clear();

        var run = await VerifyAsync(_instance.Id, "--repair");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(Account.Calls.GetCounts(), Is.Empty);
    }

    [Test]
    public async Task Verify_RepairOfALostDisk_CopiesItAgainAndLeavesExcludedDisksAlone()
    {
        var other = await Account.LaunchAsync("db");
        await Account.ReplicateAsync("db", "--exclude-disk", other.DataIds[0]);
        File.Delete(Account.ReplicaPath(other.RootId));

        var run = await VerifyAsync(other.Id, "--repair");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(other with { DataIds = [] });
        Assert.That(File.Exists(Account.ReplicaPath(other.DataIds[0])), Is.False);
    }

    private Task<CliRun> VerifyAsync(string instance, params string[] args) =>
        Account.RunAsync(["verify", instance, "--to", Account.To, "--state", Account.State, "--json", .. args]);
}
