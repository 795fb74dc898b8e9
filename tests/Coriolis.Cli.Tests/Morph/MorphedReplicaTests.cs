using System.Security.Cryptography;

namespace Coriolis.Cli.Tests;

/// <summary>A replica that was morphed in place: nobody takes it for what was replicated, until the morph is undone.</summary>
public sealed class MorphedReplicaTests
{
    private EmulatedAccount _account = null!;
    private TestInstance _instance = null!;

    private string Disk => _account.ReplicaPath(_instance.RootId);

    [SetUp]
    public async Task ReplicateAndMorph()
    {
        GuestDisk.Needs();
        _account = await EmulatedAccount.StartAsync();
        var seeded = await _account.SeedAsync(new() { Name = "web", Volumes = [new() { SizeGiB = 1, SourceFile = GuestDisk.Make(_account.Folder, EmulatedAccount.GiB) }] });
        _instance = new(seeded.InstanceId, seeded.VolumeIds[0], []);
        Assert.That((await _account.ReplicateAsync("web")).ExitCode, Is.EqualTo(ExitCode.Done));
        var morph = await CliRun.OfAsync("morph", Disk, "--json");
        Assert.That(morph.ExitCode, Is.EqualTo(ExitCode.Done), morph.Error);
        Assert.That(morph.Json.GetProperty("files").GetArrayLength(), Is.Positive);
    }

    [TearDown]
    public async Task TearDown()
    {
        if (_account is not null)
            await _account.DisposeAsync();
    }

    [Test]
    public async Task Replicate_MorphedReplica_RefusesWithTheChoicesAndWritesNothing()
    {
        _account.Write(_instance.RootId, 700L << 20, EmulatedAccount.Pattern(9, EmulatedAccount.Chunk));
        var before = await DigestAsync();

        var run = await _account.ReplicateAsync("web");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Output);
        Assert.That(run.Output, Does.Contain("ReplicaMorphed").And.Contain(Disk + ".morph.json"));
        Assert.That(await DigestAsync(), Is.EqualTo(before));
    }

    [Test]
    public async Task Verify_MorphedReplica_IsNotEqual()
    {
        var run = await _account.RunAsync("verify", _instance.Id, "--to", _account.To, "--state", _account.State, "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Output);
        Assert.That(run.Output, Does.Contain("ReplicaMorphed"));
    }

    [Test]
    public async Task Verify_MorphedReplicaWhoseMarkIsGone_NamesWhatDiffers()
    {
        File.Delete(Disk + ".morphed");

        var run = await _account.RunAsync("verify", _instance.Id, "--to", _account.To, "--state", _account.State, "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed), run.Output);
        Assert.That(run.Json.GetProperty("disks")[0].GetProperty("status").GetString(), Is.EqualTo("different"));
    }

    [Test]
    public async Task Replicate_UndoneMorph_EqualsTheSourceByteForByte()
    {
        _account.Write(_instance.RootId, 700L << 20, EmulatedAccount.Pattern(9, EmulatedAccount.Chunk));

        var undo = await CliRun.OfAsync("morph", "--undo", Disk + ".morph.json");
        var run = await _account.ReplicateAsync("web");

        Assert.That(undo.ExitCode, Is.EqualTo(ExitCode.Done), undo.Error);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Output + run.Error);
        await _account.AssertReplicaEqualsSourceAsync(_instance);
    }

    private async Task<string> DigestAsync()
    {
        using var disk = File.OpenRead(Disk);
        return Convert.ToHexString(await SHA256.HashDataAsync(disk));
    }
}
