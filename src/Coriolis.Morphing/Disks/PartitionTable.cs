namespace Coriolis.Morphing.Disks;

/// <summary>The partitions of a disk, read without the kernel's help, which not every machine gives.</summary>
internal static class PartitionTable
{
    public const int SectorSize = 512;

    /// <summary>Reads the table.</summary>
    /// <param name="disk">The disk.</param>
    /// <returns>The partitions that lie on the disk, by number; none when the disk has no table.</returns>
    public static IReadOnlyList<Partition> Read(DiskImage disk)
    {
        var sector = new byte[SectorSize];
        if (!disk.TryRead(0, sector) || sector[510] != 0x55 || sector[511] != 0xaa)
            return [];

        // A boot sector of a file system ends in the same two bytes; its would-be entries point outside the disk or overlap it.
        var partitions = GptPartitions.Read(disk) ?? MbrPartitions.Read(disk, sector);
        return [.. partitions.Where(partition => IsOn(disk, partition)).OrderBy(partition => partition.Number)];
    }

    private static bool IsOn(DiskImage disk, Partition partition) =>
        partition.Offset > 0 && partition.Length > 0 && partition.Offset < disk.Length && partition.Length <= disk.Length - partition.Offset;
}
