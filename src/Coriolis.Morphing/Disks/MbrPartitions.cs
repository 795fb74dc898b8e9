using System.Buffers.Binary;

namespace Coriolis.Morphing.Disks;

/// <summary>The partition table of a master boot record, with the logical partitions of an extended one.</summary>
internal static class MbrPartitions
{
    private const int EntryBytes = 16;
    private const int TableOffset = 446;
    private const int FirstLogicalNumber = 5;

    // The kernel reads as many; a longer chain is a loop.
    private const int MaxLogical = 256;

    public static IReadOnlyList<Partition> Read(DiskImage disk, ReadOnlySpan<byte> bootSector)
    {
        var diskId = BinaryPrimitives.ReadUInt32LittleEndian(bootSector[440..]);
        var partitions = new List<Partition>();
        for (var number = 1; number <= 4; number++)
        {
            var entry = Entry.Read(bootSector, number - 1);
            if (entry.IsExtended)
                AddLogical(disk, entry.Start, diskId, partitions);
            else if (entry is { Type: not 0, Sectors: > 0 })
                partitions.Add(Create(diskId, number, entry.Start, entry.Sectors));
        }

        return partitions;
    }

    // Each logical partition has a boot record of its own, whose second entry names the next one.
    private static void AddLogical(DiskImage disk, long extendedStart, uint diskId, List<Partition> partitions)
    {
        var record = new byte[PartitionTable.SectorSize];
        var recordStart = extendedStart;
        for (var index = 0; index < MaxLogical; index++)
        {
            if (!disk.TryRead(recordStart * PartitionTable.SectorSize, record) || record[510] != 0x55 || record[511] != 0xaa)
                return;

            var entry = Entry.Read(record, 0);
            if (entry is { Type: not 0, Sectors: > 0 })
                partitions.Add(Create(diskId, FirstLogicalNumber + index, recordStart + entry.Start, entry.Sectors));

            var next = Entry.Read(record, 1);
            if (!next.IsExtended || next.Start == 0)
                return;
            recordStart = extendedStart + next.Start;
        }
    }

    private static Partition Create(uint diskId, int number, long start, long sectors) =>
        new(number, start * PartitionTable.SectorSize, sectors * PartitionTable.SectorSize, $"{diskId:x8}-{number:x2}", Label: null);

    private readonly record struct Entry(byte Type, long Start, long Sectors)
    {
        public bool IsExtended => Type is 0x05 or 0x0f or 0x85;

        public static Entry Read(ReadOnlySpan<byte> sector, int index)
        {
            var entry = sector.Slice(TableOffset + (index * EntryBytes), EntryBytes);
            return new(entry[4], BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
        }
    }
}
