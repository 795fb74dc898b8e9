namespace Coriolis.Cli.Tests;

/// <summary>What is on disk is never trusted blindly: damage is noticed, said, and ends in a replica that equals its source.</summary>
public sealed class ReplicateDamagedReplicaTests : AccountTests
{
    private TestInstance _instance = null!;

    [SetUp]
    public async Task SetUp()
    {
        _instance = await Account.LaunchAsync("web");
        var run = await Account.ReplicateAsync("web");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
    }

    [TestCase(64)]
    [TestCase(-40)]
    public async Task Replicate_WithACorruptManifest_CopiesThatDiskInFullAndSaysWhy(int position)
    {
        var manifest = Directory.GetFiles(Account.State, "*", SearchOption.AllDirectories)
            .Single(file => file.Contains(_instance.RootId, StringComparison.Ordinal) && file.EndsWith(".manifest", StringComparison.Ordinal));
        Damage(manifest, position);

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Error, Does.Contain("corrupt").And.Contain(_instance.RootId));
        Assert.That(ModeOf(run, _instance.RootId), Is.EqualTo("full"));
        Assert.That(ModeOf(run, _instance.VolumeIds.First(id => id != _instance.RootId)), Is.EqualTo("incremental"));
        await Account.AssertReplicaEqualsSourceAsync(_instance);
        await AssertOneBaselineEachAsync();
    }

    [Test]
    public async Task Replicate_WithAnUnreadableIdentity_RefusesAndNamesTheFile()
    {
        var identity = Path.Combine(Account.State, _instance.Id, "replica.json");
        await File.WriteAllTextAsync(identity, "{ not json");

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Error);
        Assert.That(run.Json.GetProperty("error").GetProperty("message").GetString(), Does.Contain(identity));
        Assert.That(run.Error, Does.Not.Contain("   at "));
        await AssertOneBaselineEachAsync();
    }

    [Test]
    public async Task Replicate_AfterADiskHasGrown_CopiesTheNewPartAndIsEqual()
    {
        await Account.GrowAsync(_instance.RootId, 2);
        Account.Write(_instance.RootId, 2 * EmulatedAccount.GiB - EmulatedAccount.Chunk, EmulatedAccount.Pattern(5, EmulatedAccount.Chunk));

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await Account.AssertReplicaEqualsSourceAsync(_instance);
        await AssertOneBaselineEachAsync();
    }

    [Test]
    public async Task Replicate_WithTheManifestOfAnotherReplica_RefusesThatDiskOnly()
    {
        var other = await Account.LaunchAsync("other");
        Assert.That((await Account.ReplicateAsync("other")).ExitCode, Is.EqualTo(ExitCode.Done));
        var manifest = Path.Combine(Account.State, _instance.Id, $"{_instance.RootId}.manifest");
        File.Copy(Path.Combine(Account.State, other.Id, $"{other.RootId}.manifest"), manifest, overwrite: true);

        var run = await Account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Error);
        var disks = run.Json.GetProperty("disks").EnumerateArray().ToDictionary(disk => disk.GetProperty("diskId").GetString()!);
        Assert.That(disks[_instance.RootId].GetProperty("error").ToString(), Does.Contain(manifest).And.Contain("belongs to"));
        Assert.That(disks[_instance.DataIds[0]].GetProperty("status").GetString(), Is.EqualTo("committed"));
    }

    private static string? ModeOf(CliRun run, string diskId) => run.Json.GetProperty("disks").EnumerateArray()
        .Single(disk => disk.GetProperty("diskId").GetString() == diskId).GetProperty("mode").GetString();

    private static void Damage(string path, int position)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var offset = position < 0 ? RandomAccess.GetLength(handle) + position : position;
        Span<byte> one = stackalloc byte[1];
        Assert.That(RandomAccess.Read(handle, one, offset), Is.EqualTo(1));
        one[0] ^= 0x5A;
        RandomAccess.Write(handle, one, offset);
    }

    private async Task AssertOneBaselineEachAsync()
    {
        var snapshots = await Account.ListSnapshotsAsync();
        Assert.That(snapshots.Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(_instance.VolumeIds));
    }
}
