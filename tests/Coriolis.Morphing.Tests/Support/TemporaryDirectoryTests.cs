using System.Diagnostics;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>What becomes of the directories of test runs that were killed.</summary>
public sealed class TemporaryDirectoryTests
{
    [Test]
    public void DeleteOfDeadProcesses_RunThatWasKilledWithMounts_TakesAllDownAndNothingOfOthers()
    {
        Machine.NeedsRoot();
        using var folder = new TemporaryDirectory();
        using var ended = Process.Start("true");
        ended.WaitForExit();
        var dead = folder.Below($"coriolis-morphing-tests-{ended.Id}-abc");
        var alive = folder.Below($"coriolis-morphing-tests-{Environment.ProcessId}-abc");
        foreach (var directory in (string[])[dead, alive])
            Directory.CreateDirectory(Path.Combine(directory, "mount"));
        Machine.Run("sh", "-ec", "truncate --size=8M \"$0/disk\"; mkfs.ext4 -q \"$0/disk\"; mount -o loop \"$0/disk\" \"$0/mount\"; truncate --size=1M \"$0/other\"; losetup --find \"$0/other\"", dead);

        TemporaryDirectory.DeleteOfDeadProcesses(folder.Path);

        Assert.That(Directory.GetDirectories(folder.Path), Is.EqualTo((string[])[alive]));
        Assert.That(File.ReadAllText("/proc/mounts"), Does.Not.Contain(dead));
        Assert.That(Machine.Run("losetup", "--raw", "--output", "BACK-FILE"), Does.Not.Contain(dead));
    }
}
