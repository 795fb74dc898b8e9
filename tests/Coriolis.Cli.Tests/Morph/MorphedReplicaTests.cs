using System.Diagnostics;
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
        Assume.That(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root: mounts and namespaces");
        Assume.That(File.Exists("/usr/sbin/mke2fs") || File.Exists("/sbin/mke2fs"), "needs the program mke2fs");
        _account = await EmulatedAccount.StartAsync();
        var seeded = await _account.SeedAsync(new() { Name = "web", Volumes = [new() { SizeGiB = 1, SourceFile = MakeGuest() }] });
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

    private string MakeGuest()
    {
        var root = _account.Folder.Create("guest");
        foreach (var folder in (string[])["bin", "etc/cloud", "usr", "var/lib/cloud"])
            Directory.CreateDirectory(Path.Combine(root, folder));
        File.WriteAllText(Path.Combine(root, "etc/os-release"), "ID=debian\n");
        File.WriteAllText(Path.Combine(root, "etc/cloud/cloud.cfg"), "datasource_list: [ Ec2 ]\n");
        var disk = _account.Folder["guest.raw"];
        using (var file = File.Create(disk))
            file.SetLength(EmulatedAccount.GiB);
        using var make = Process.Start(new ProcessStartInfo("mke2fs", ["-q", "-t", "ext4", "-d", root, disk]) { Environment = { ["PATH"] = "/usr/sbin:/sbin:/usr/bin:/bin" } })!;
        make.WaitForExit();
        Assert.That(make.ExitCode, Is.Zero);
        return disk;
    }

    private async Task<string> DigestAsync()
    {
        using var disk = File.OpenRead(Disk);
        return Convert.ToHexString(await SHA256.HashDataAsync(disk));
    }
}
