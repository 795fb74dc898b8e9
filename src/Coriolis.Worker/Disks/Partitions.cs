namespace Coriolis.Worker;

/// <summary>Lists the partitions of a disk.</summary>
internal static class Partitions
{
    public static IEnumerable<string> Directories(string sysfsPath) =>
        Sysfs.ListDirectories(sysfsPath + "/").Where(entry => File.Exists(Path.Combine(entry, "partition")));

    public static IReadOnlyList<Partition> List(Disk disk) => disk.SysfsPath is { } sysfs
        ? [.. Directories(sysfs).Select(Describe).OrderBy(partition => partition.StartSector)]
        : [];

    private static Partition Describe(string sysfs)
    {
        // udev has already looked into the partition; what it found is in its database.
        var properties = Sysfs.ReadText("/run/udev/data", "b" + Sysfs.ReadText(sysfs, "dev")).Split('\n');
        return new Partition(
            Path.GetFileName(sysfs),
            Sysfs.ReadNumber(sysfs, "start"),
            Sysfs.ReadNumber(sysfs, "size"),
            Sysfs.ReadNumber(sysfs, "alignment_offset"),
            Find(properties, "E:ID_FS_UUID="),
            Find(properties, "E:ID_FS_TYPE="));
    }

    private static string Find(string[] properties, string key) =>
        properties.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?[key.Length..] ?? "";
}
