using System.Globalization;
using Coriolis.Morphing.Runs;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>Disks whose file systems are in containers, made and looked at with the tools that guests use.</summary>
internal sealed class ContainerDisk : IDisposable
{
    private const string ToolDefaults = "activation{udev_sync=0 udev_rules=0 monitoring=0} devices{use_devicesfile=0 sysfs_scan=0} global{thin_check_executable=\"\"}";

    private readonly TemporaryDirectory _directory = new();
    private readonly Stack<Action> _undo = new();

    public GuestMorphing Morphing { get; } = new([new WritingMorpher()], TimeProvider.System);

    /// <summary>An empty disk.</summary>
    public string Create(string name, int sizeMiB)
    {
        var path = _directory.Below(name);
        using var file = File.Create(path);
        file.SetLength(sizeMiB * 1024L * 1024);
        return path;
    }

    /// <summary>A directory with what makes a root file system, and some lines for its fstab.</summary>
    public string CreateRoot(string fstab = "", string crypttab = "")
    {
        var root = new TemporaryDirectory();
        _undo.Push(root.Dispose);
        foreach (var folder in (string[])["bin", "etc", "home", "usr", "var"])
            Directory.CreateDirectory(root.Below(folder));
        root.Write("etc/os-release", "ID=debian\n");
        root.Write("etc/fstab", fstab);
        root.Write("etc/crypttab", crypttab);
        return root.Path;
    }

    /// <summary>A loop device over a disk, or a part of it, until the test ends or it is detached.</summary>
    public string Attach(string path, long offset = 0, long length = 0)
    {
        var device = Machine.Run(
            "losetup", "--find", "--show", "--offset", Text(offset), "--sizelimit", Text(length), path).Trim();
        _undo.Push(() => Machine.TryRun("losetup", "--detach", device));
        return device;
    }

    /// <summary>Runs a command of LVM that sees some devices alone.</summary>
    public static string Lvm(IEnumerable<string> devices, params string[] command)
    {
        var filter = string.Concat(devices.Select(device => $"\"a|^{device}$|\","));
        return Machine.Run("lvm", [command[0], "--config", $"{ToolDefaults} devices{{filter=[{filter}\"r|.*|\"]}}", .. Machine.HasDeviceMapper ? (string[])[] : ["--driverloaded", "n"], .. command[1..]]);
    }

    public void OnDispose(Action undo) => _undo.Push(undo);

    public void Dispose()
    {
        while (_undo.TryPop(out var undo))
            undo();
        _directory.Dispose();
    }

    /// <summary>Runs a script with a device, or a part of a file, mounted; its working directory is there.</summary>
    public static string Inspect(string path, string script, long offset = 0)
    {
        var options = path.StartsWith("/dev/", StringComparison.Ordinal) ? "ro" : $"ro,loop,offset={Text(offset)}";
        return Machine.Run("unshare", "--mount", "sh", "-ec", $"mount -o {options} \"$0\" /mnt; cd /mnt\n{script}", path);
    }

    /// <summary>Devices of the host that runs have left.</summary>
    public static string Leftovers(params string[] disks)
    {
        var mapped = Machine.HasDeviceMapper ? Machine.Run("dmsetup", "ls") : "";
        return string.Concat(mapped.Split('\n').Where(line => line.StartsWith("coriolis-", StringComparison.Ordinal)))
            + string.Concat(disks.Select(disk => Machine.Run("losetup", "--associated", disk)));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
