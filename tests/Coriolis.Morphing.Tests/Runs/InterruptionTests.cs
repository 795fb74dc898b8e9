using System.Diagnostics;
using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Runs;

/// <summary>Runs that are killed, and what the next one makes of it.</summary>
public sealed class InterruptionTests
{
    private const string SlowProgram = "sleep 99123";

    private SmallGuest _guest = null!;

    [SetUp]
    public void CreateGuest() => _guest = new();

    [TearDown]
    public void DeleteGuest()
    {
        // Where the product leaves it running, nobody else ends it, and it keeps the disk.
        Machine.TryRun("pkill", "-KILL", "-x", "-f", SlowProgram);
        _guest?.Dispose();
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task Morph_KilledWhileTheGuestsPackageManagerRuns_LeavesNothingAndTheNextRunCompletes(CancellationToken cancellationToken)
    {
        MiniGuest.Install(_guest.Files);
        _guest.Files.Write("var/lib/dpkg/status", "Package: cloud-init\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n");
        _guest.Files.Write("usr/bin/dpkg", $"#!/bin/sh\n{SlowProgram}\n");
        Machine.Run("chmod", "755", _guest.Files.Below("usr/bin/dpkg"));
        _guest.MakeDisk();
        var before = DiskFile.Snapshot(_guest.Disk);

        using var run = Process.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "coriolis-aws.dll"), "morph", _guest.Disk]);
        await UntilAsync(() => Runs(SlowProgram), cancellationToken);
        run.Kill();
        await run.WaitForExitAsync(cancellationToken);
        await UntilAsync(() => !Runs(SlowProgram) && Machine.Run("losetup", "--associated", _guest.Disk).Length == 0, cancellationToken);

        Assert.That(DiskFile.Snapshot(_guest.Disk), Is.EqualTo(before));
        DiskFile.Inspect(_guest.Disk, "printf '#!/bin/sh\\nexit 1\\n' > usr/bin/dpkg", writable: true);
        await _guest.MorphAsync();
        Assert.That(DiskFile.Inspect(_guest.Disk, "ls etc/cloud/cloud-init.disabled"), Is.Not.Empty);
    }

    [Test]
    public async Task MorphAsync_EarlierRunWasKilledWhileItWroteTheDisk_IsTakenBackFirst()
    {
        _guest.Files.Write("etc/udev/rules.d/70-persistent-net.rules", "SUBSYSTEM==\"net\", ATTR{address}==\"0a:00:00:00:00:01\", NAME=\"eth0\"\n");
        _guest.MakeDisk();
        var before = DiskFile.Snapshot(_guest.Disk);
        var first = await _guest.MorphAsync();
        var whole = Contents();

        // As a kill leaves it: the report says that the disk is being written, and some of the changes are there.
        var report = await File.ReadAllTextAsync(first.ReportPath!);
        await File.WriteAllTextAsync(first.ReportPath!, report.Replace("\"state\": \"Applied\"", "\"state\": \"Applying\"", StringComparison.OrdinalIgnoreCase));
        Assert.That(await File.ReadAllTextAsync(first.ReportPath!), Is.Not.EqualTo(report));
        DiskFile.Inspect(_guest.Disk, "rm etc/cloud/cloud-init.disabled; mkdir -p etc/udev/rules.d; echo half > etc/udev/rules.d/70-persistent-net.rules", writable: true);

        var second = await _guest.MorphAsync();

        Assert.That(Contents(), Is.EqualTo(whole));
        await _guest.Morphing.UndoAsync(second.ReportPath!);
        Assert.That(DiskFile.Snapshot(_guest.Disk), Is.EqualTo(before));
    }

    private string Contents() => DiskFile.Inspect(
        _guest.Disk, "find . -xdev -printf '%p %y %m %U:%G %l\\n' | sort; find . -xdev -type f -print0 | sort -z | xargs -0 sha256sum");

    private static bool Runs(string command) => Machine.TryRun("pgrep", "-x", "-f", command).ExitCode == 0;

    // Another process tells nobody how far it has come; it can only be looked at.
    private static async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
    }
}
