using System.Globalization;

namespace Coriolis.Worker;

/// <summary>Which devices the machine itself uses: mounted, swapped to, or underneath a device mapper, md or LVM device that is.</summary>
internal sealed class DeviceUse
{
    private readonly HashSet<(uint, uint)> _inUse;

    private DeviceUse(HashSet<(uint, uint)> inUse) => _inUse = inUse;

    public static DeviceUse Read() => Parse(ReadLines("/proc/self/mountinfo"), ReadLines("/proc/swaps"));

    public static DeviceUse Parse(IEnumerable<string> mountInfo, IEnumerable<string> swaps)
    {
        var mounted = mountInfo.Select(line => line.Split(' ')).Where(fields => fields.Length > 4)
            .SelectMany(fields => new[] { ParseNumber(fields[2]), SourceOf(fields) });
        var swapped = swaps.Skip(1).Select(line => Libc.GetBlockDevice(line.Split([' ', '\t'], 2)[0]));
        return new DeviceUse([.. mounted.Concat(swapped).OfType<(uint, uint)>()]);
    }

    /// <summary>Whether the device that sysfs describes here, a partition of it or something built on it is in use.</summary>
    public bool Covers(string sysfsPath) =>
        IsInUse(sysfsPath)
        || Partitions.Directories(sysfsPath).Any(Covers)
        || Sysfs.ListDirectories(Path.Combine(sysfsPath, "holders")).Any(Covers);

    private bool IsInUse(string sysfsPath) => ParseNumber(Sysfs.ReadText(sysfsPath, "dev")) is { } number && _inUse.Contains(number);

    /// <summary>btrfs and others mount under an anonymous number; their source field still names the device.</summary>
    private static (uint, uint)? SourceOf(string[] fields)
    {
        var separator = Array.IndexOf(fields, "-");
        return separator > 0 && separator + 2 < fields.Length && fields[separator + 2].StartsWith("/dev/", StringComparison.Ordinal)
            ? Libc.GetBlockDevice(fields[separator + 2])
            : null;
    }

    private static (uint, uint)? ParseNumber(string text)
    {
        var parts = text.Split(':');
        return parts.Length == 2
            && uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            ? (major, minor)
            : null;
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            return [];
        }
    }
}
