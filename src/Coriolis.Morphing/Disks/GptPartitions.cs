using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Coriolis.Morphing.Disks;

/// <summary>The GUID partition table (UEFI specification, chapter 5).</summary>
internal static class GptPartitions
{
    private const int MinEntryBytes = 128;

    // The specification asks for 128 entries of 128 bytes; tables of several MiB are damage.
    private const long MaxTableBytes = 4 * 1024 * 1024;

    /// <summary>Reads the first header that is whole, or its backup at the end of the disk.</summary>
    /// <returns><see langword="null"/> when there is no GUID partition table.</returns>
    public static IReadOnlyList<Partition>? Read(DiskImage disk) =>
        ReadFrom(disk, PartitionTable.SectorSize) ?? ReadFrom(disk, ((disk.Length / PartitionTable.SectorSize) - 1) * PartitionTable.SectorSize);

    private static List<Partition>? ReadFrom(DiskImage disk, long headerOffset)
    {
        var header = new byte[PartitionTable.SectorSize];
        if (!disk.TryRead(headerOffset, header) || !header.AsSpan().StartsWith("EFI PART"u8) || !HasValidChecksum(header))
            return null;

        var tableSector = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(72));
        long count = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(80));
        long entryBytes = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(84));
        if (entryBytes < MinEntryBytes || count > MaxTableBytes / entryBytes || tableSector is < 0 or > long.MaxValue / PartitionTable.SectorSize)
            return null;

        var table = new byte[count * entryBytes];
        if (!disk.TryRead(tableSector * PartitionTable.SectorSize, table)
            || Crc32.HashToUInt32(table) != BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(88)))
            return null;

        var partitions = new List<Partition>();
        for (var index = 0; index < count; index++)
        {
            if (ReadEntry(table.AsSpan((int)(index * entryBytes), MinEntryBytes), index + 1) is { } partition)
                partitions.Add(partition);
        }

        return partitions;
    }

    private static Partition? ReadEntry(ReadOnlySpan<byte> entry, int number)
    {
        var first = BinaryPrimitives.ReadInt64LittleEndian(entry[32..]);
        var last = BinaryPrimitives.ReadInt64LittleEndian(entry[40..]);
        const long maxSector = (long.MaxValue / PartitionTable.SectorSize) - 1;
        if (entry[..16].IndexOfAnyExcept((byte)0) < 0 || first <= 0 || last < first || last > maxSector)
            return null;

        var label = Encoding.Unicode.GetString(entry[56..128]).TrimEnd('\0');
        return new(
            number,
            first * PartitionTable.SectorSize,
            (last - first + 1) * PartitionTable.SectorSize,
            new Guid(entry[16..32]).ToString(),
            label.Length == 0 ? null : label);
    }

    private static bool HasValidChecksum(byte[] header)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12));
        if (length is < 92 or > PartitionTable.SectorSize)
            return false;

        var expected = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(16));
        var copy = header[..(int)length];
        copy.AsSpan(16, 4).Clear();
        return Crc32.HashToUInt32(copy) == expected;
    }
}
