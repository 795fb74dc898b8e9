using System.Diagnostics;

namespace Coriolis.Cli.Tests;

/// <summary>The smallest disk with a guest that cloud-init has been in: a file system without a partition table.</summary>
internal static class GuestDisk
{
    /// <summary>Skips the test where guests cannot be made or mounted.</summary>
    public static void Needs()
    {
        Assume.That(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root: mounts and namespaces");
        Assume.That(File.Exists("/usr/sbin/mke2fs") || File.Exists("/sbin/mke2fs"), "needs the program mke2fs");
    }

    /// <summary>Makes it.</summary>
    /// <param name="folder">Where the guest's files and its disk, <c>guest.raw</c>, go.</param>
    /// <param name="sizeBytes">How large the disk is.</param>
    /// <returns>The path of the disk.</returns>
    public static string Make(TemporaryFolder folder, long sizeBytes)
    {
        var root = folder.Create("guest");
        foreach (var directory in (string[])["bin", "etc/chrony", "etc/cloud", "usr", "var/lib/cloud"])
            Directory.CreateDirectory(Path.Combine(root, directory));
        File.WriteAllText(Path.Combine(root, "etc/os-release"), "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
        File.WriteAllText(Path.Combine(root, "etc/cloud/cloud.cfg"), "datasource_list: [ Ec2 ]\n");
        File.WriteAllText(Path.Combine(root, "etc/chrony/chrony.conf"), "server 169.254.169.123 prefer iburst\n");
        var disk = folder["guest.raw"];
        using (var file = File.Create(disk))
            file.SetLength(sizeBytes);
        using var make = Process.Start(new ProcessStartInfo("mke2fs", ["-q", "-t", "ext4", "-d", root, disk]) { Environment = { ["PATH"] = "/usr/sbin:/sbin:/usr/bin:/bin" } })!;
        make.WaitForExit();
        Assert.That(make.ExitCode, Is.Zero);
        return disk;
    }
}
