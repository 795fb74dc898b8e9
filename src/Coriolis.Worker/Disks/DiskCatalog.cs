using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>Finds the disks of this machine: block device nodes in /dev that are whole disks, described by sysfs.</summary>
/// <remarks>
/// It starts from the nodes rather than from sysfs, so that in a container or another mount namespace it offers what is there and
/// nothing else. Given paths, it offers just those, image files included.
/// </remarks>
internal sealed class DiskCatalog(IReadOnlyList<string> paths, bool ignoreMounted)
{
    private const string Dev = "/dev";
    private const int SysfsSectorSize = 512;

    // Memory, optical, floppy and network disks, and what is made of other disks. Loop devices count once they have a file behind them.
    private static readonly string[] s_otherKinds = ["ram", "zram", "sr", "fd", "dm-", "md", "nbd", "mtdblock"];

    public IReadOnlyList<Disk> List()
    {
        var use = DeviceUse.Read();
        var links = LinkTable.Read();
        var found = paths.Count > 0
            ? paths.Select(path => Describe(path, use, links))
            : Directory.EnumerateFiles(Dev).Where(IsDiskNode).Select(path => Describe(path, use, links));
        return [.. found.OfType<Disk>()
            .Where(disk => disk.SizeBytes > 0 && !(ignoreMounted && disk.Device.IsInUse))
            .OrderBy(disk => disk.Name, StringComparer.Ordinal)];
    }

    /// <summary>Finds a disk by its name, or by a path under /dev that leads to it, such as <c>disk/by-id/…</c>.</summary>
    public Disk? Find(string name)
    {
        var disks = List();
        return disks.FirstOrDefault(disk => disk.Name == name)
            ?? disks.FirstOrDefault(disk => disk.Device.Links.Contains(name.StartsWith(LinkTable.UrlPrefix, StringComparison.Ordinal)
                ? name[LinkTable.UrlPrefix.Length..]
                : name));
    }

    private static bool IsDiskNode(string path) =>
        !s_otherKinds.Any(kind => Path.GetFileName(path).StartsWith(kind, StringComparison.Ordinal)) && Libc.GetBlockDevice(path) is not null;

    /// <summary>Describes a disk; <see langword="null"/> when it is none, or gone by now.</summary>
    private static Disk? Describe(string path, DeviceUse use, LinkTable links)
    {
        try
        {
            return DescribePresent(path, use, links);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Disk? DescribePresent(string path, DeviceUse use, LinkTable links)
    {
        if (Libc.GetBlockDevice(path) is not { } number)
        {
            return DescribeFile(path);
        }

        var sysfs = Path.Combine("/sys/dev/block", $"{number.Major}:{number.Minor}");
        var kernelName = Directory.ResolveLinkTarget(sysfs, returnFinalTarget: true)?.Name;
        if (kernelName is null || File.Exists(Path.Combine(sysfs, "partition"))
            || s_otherKinds.Any(kind => kernelName.StartsWith(kind, StringComparison.Ordinal)))
        {
            return null;
        }

        var device = new WorkerDevice
        {
            Name = Path.GetFileName(path),
            Path = path,
            SizeBytes = Sysfs.ReadNumber(sysfs, "size") * SysfsSectorSize,
            Serial = FirstText(Sysfs.ReadText(sysfs, "device/serial"), Sysfs.ReadText(sysfs, "serial"), links.FindSerial(number)),
            Model = Sysfs.ReadText(sysfs, "device/model"),
            Links = links.Find(number),
            LogicalSectorSize = SectorSize(sysfs, "queue/logical_block_size"),
            PhysicalSectorSize = SectorSize(sysfs, "queue/physical_block_size"),
            IsInUse = use.Covers(sysfs),
            IsReadOnly = Sysfs.ReadNumber(sysfs, "ro") == 1,
        };
        return new Disk(device, sysfs, number);
    }

    private static Disk? DescribeFile(string path) => !File.Exists(path)
        ? null
        : new Disk(
            new WorkerDevice { Name = Path.GetFileName(path), Path = path, SizeBytes = new FileInfo(path).Length },
            SysfsPath: null,
            Number: null);

    private static int SectorSize(string sysfs, string name) =>
        Sysfs.ReadNumber(sysfs, name) is > 0 and <= 65536 and var size ? (int)size : SysfsSectorSize;

    private static string FirstText(params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            if (text.Length > 0)
            {
                return text;
            }
        }

        return "";
    }
}
