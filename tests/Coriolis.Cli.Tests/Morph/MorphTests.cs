using System.Security.Cryptography;

namespace Coriolis.Cli.Tests;

/// <summary>What a user of <c>coriolis-aws morph</c> sees.</summary>
public sealed class MorphTests
{
    private const long MiB = 1 << 20;

    private TemporaryFolder _folder = null!;
    private string _disk = null!;

    [SetUp]
    public void MakeDisk()
    {
        GuestDisk.Needs();
        _folder = new();
        _disk = GuestDisk.Make(_folder, 64 * MiB);
    }

    [TearDown]
    public void DeleteDisk() => _folder?.Dispose();

    [Test]
    public async Task Morph_DryRun_ShowsEveryChangeWithDigestsAndWritesNothing()
    {
        var before = Digest();

        var run = await CliRun.OfAsync("morph", _disk, "--dry-run");

        var config = Convert.ToHexStringLower(SHA256.HashData("server 169.254.169.123 prefer iburst\n"u8))[..12];
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Output, Does.StartWith("Debian GNU/Linux 12 (bookworm)"));
        Assert.That(run.Output, Does.Match($"(?m)^  ~ /etc/chrony/chrony.conf {config} → [0-9a-f]{{12}}$"));
        Assert.That(run.Output, Does.Match("(?m)^  - /etc/cloud/cloud.cfg [0-9a-f]{12}$").And.Match("(?m)^  - /etc/cloud/$"));
        Assert.That(run.Output, Does.Match("(?m)^  removed +/etc/cloud \\(.+\\)$"));
        Assert.That(run.Output.TrimEnd(), Does.EndWith("files would change; nothing was written."));
        Assert.That(Digest(), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(_folder.Path), Is.EqualTo(new[] { _disk }));
    }

    [Test]
    public async Task Morph_WithReport_SaysHowToUndoItAndIsUndoneWithIt()
    {
        var report = _folder["web.json"];

        var run = await CliRun.OfAsync("morph", _disk, "--report", report);
        var again = await CliRun.OfAsync("morph", _disk, "--report", report);
        var undo = await CliRun.OfAsync("morph", "--undo", report);
        var secondUndo = await CliRun.OfAsync("morph", "--undo", report, "--json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(run.Output.TrimEnd(), Does.EndWith($"files changed. To take it back: coriolis-aws morph --undo {report}"));
        Assert.That(again.Output.TrimEnd(), Does.EndWith("Nothing to change."));
        Assert.That(File.Exists(report + ".undo.tar"), Is.True);
        Assert.That(undo.ExitCode, Is.EqualTo(ExitCode.Done), undo.Error);
        Assert.That(undo.Output, Does.Contain("files are as they were before the morph."));
        Assert.That(secondUndo.Json.GetProperty("restoredFiles").GetInt32(), Is.Zero);
        Assert.That(File.Exists(_disk + ".morphed"), Is.False);
    }

    [Test]
    public async Task Morph_KeepTheClock_LeavesItInTheGuest()
    {
        var run = await CliRun.OfAsync("morph", _disk, "--dry-run", "--keep", "clock", "--json");

        var paths = run.Json.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString());
        Assert.That(paths, Does.Contain("/etc/cloud/cloud.cfg").And.Not.Contain("/etc/chrony/chrony.conf"));
        Assert.That(run.Json.GetProperty("isDryRun").GetBoolean(), Is.True);
    }

    [Test]
    public async Task Morph_NoGuestOnTheDisk_SaysSoAndFails()
    {
        var disk = _folder["empty.raw"];
        using (var file = File.Create(disk))
            file.SetLength(8 * MiB);

        var run = await CliRun.OfAsync("morph", disk);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Output.TrimEnd(), Does.EndWith("Not a guest that can be morphed; nothing was changed."));
        Assert.That(run.Error, Does.Contain("No root file system of a Linux guest was found"));
        Assert.That(File.Exists(disk + ".morphed"), Is.False);
    }

    [Test]
    public async Task Undo_ReportThatIsNone_FailsWithItsName()
    {
        var report = _folder["web.json"];
        await File.WriteAllTextAsync(report, "{}");

        var run = await CliRun.OfAsync("morph", "--undo", report);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failed));
        Assert.That(run.Error, Does.Contain($"{report} is not a morph report"));
    }

    [TestCase("Name the guest's disks", "morph")]
    [TestCase("takes the disks from the report", "morph", "DISK", "--undo", "web.json")]
    [TestCase("goes with no other option", "morph", "--undo", "web.json", "--dry-run")]
    [TestCase("not 'everything'", "morph", "DISK", "--keep", "everything")]
    [TestCase("The passphrase file cannot be read", "morph", "DISK", "--passphrase-file", "no-such-file")]
    [TestCase("The passphrase is empty", "morph", "DISK", "--passphrase-file", "/dev/null")]
    public async Task Morph_WrongArguments_IsAUsageErrorThatSaysWhy(string why, params string[] args)
    {
        var before = Digest();

        var run = await CliRun.OfAsync([.. args.Select(arg => arg == "DISK" ? _disk : arg)]);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage), run.Output);
        Assert.That(run.Error, Does.Contain(why));
        Assert.That(Digest(), Is.EqualTo(before));
    }

    private string Digest()
    {
        using var disk = File.OpenRead(_disk);
        return Convert.ToHexString(SHA256.HashData(disk));
    }
}
