using Coriolis.Providers;

namespace Coriolis.Replication.Tests;

/// <summary>Links that somebody planted under the names of a state directory lead nowhere.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux", Reason = "Links need no rights there.")]
internal sealed class PlantedLinkTests : IDisposable
{
    // What a run believes; the other names it only writes, or does without.
    private static readonly string[] s_trusted =
        ["owner", "i-1/lock", "i-1/replica.json", "i-1/vol-1.manifest", "i-1/vol-1.pending", "i-1/journal/exec-1.journal"];

    private readonly TestReplica _replica = new();
    private readonly string _outside = Directory.CreateTempSubdirectory("coriolis-outside-").FullName;

    public void Dispose()
    {
        _replica.Dispose();
        Directory.Delete(_outside, recursive: true);
    }

    [Test]
    public async Task RunAsync_LinkToAFile_IsRefusedOrReplacedAndLeavesTheFileAlone(
        [Values("owner", "i-1/lock", "i-1/lock.holder", "i-1/replica.json", "i-1/status.json", "i-1/vol-1.manifest", "i-1/vol-1.pending",
            "i-1/vol-1.draft", "i-1/vol-1.resume", "i-1/journal/exec-1.journal",
            "owner.tmp", "i-1/lock.holder.tmp", "i-1/replica.json.tmp", "i-1/status.json.tmp", "i-1/vol-1.resume.tmp")] string name,
        [Values] bool targetExists)
    {
        await PrepareAsync();
        var link = Path.Combine(_replica.StateDirectory, name);
        var target = Path.Combine(_outside, "target");
        if (targetExists)
        {
            await File.WriteAllBytesAsync(target, File.Exists(link) ? await File.ReadAllBytesAsync(link) : "somebody's"u8.ToArray());
        }

        var before = targetExists ? await File.ReadAllBytesAsync(target) : [];
        File.Delete(link);
        File.CreateSymbolicLink(link, target);

        var error = await TryRunAsync();

        Assert.That(File.Exists(target), Is.EqualTo(targetExists));
        Assert.That(targetExists ? await File.ReadAllBytesAsync(target) : [], Is.EqualTo(before));
        if (s_trusted.Contains(name))
        {
            Assert.That(error?.Message, Does.Contain(link));
            Assert.That(error!.Remedy, Does.Contain("put it there"));
        }
        else
        {
            Assert.That(error, Is.Null);
        }
    }

    [TestCase("i-1")]
    [TestCase("i-1/journal")]
    public async Task RunAsync_LinkToAFolder_IsRefusedAndCreatesNothingThere(string name)
    {
        await PrepareAsync();
        Directory.Delete(Path.Combine(_replica.StateDirectory, name), recursive: true);
        File.CreateSymbolicLink(Path.Combine(_replica.StateDirectory, name), _outside);

        Assert.That(async () => await _replica.RunAsync(), Throws.TypeOf<ReplicaStateException>().With.Property("Remedy").Contains("put it there"));
        Assert.That(async () => await _replica.States.ReadInventoryAsync(), Throws.TypeOf<ReplicaStateException>());
        Assert.That(Directory.EnumerateFileSystemEntries(_outside), Is.Empty);
        Assert.That(_replica.Source.Snapshots, Has.Count.EqualTo(1));
    }

    private async Task PrepareAsync()
    {
        _replica.AddVolume("vol-1", 4);
        Assert.That((await _replica.RunAsync()).Status, Is.EqualTo(ExecutionStatus.Succeeded));
        TestReplica.Fill(_replica.Source.Volumes["vol-1"], 0, TestReplica.ChunkSize, seed: 2);
    }

    private async Task<CoriolisException?> TryRunAsync()
    {
        try
        {
            return (await _replica.RunAsync()).Disks.Select(disk => disk.Error).OfType<CoriolisException>().FirstOrDefault();
        }
        catch (CoriolisException error)
        {
            return error;
        }
    }
}
