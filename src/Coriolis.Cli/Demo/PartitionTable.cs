using System.Buffers.Binary;

namespace Coriolis.Cli;

/// <summary>Writes a master boot record with one Linux partition that fills the rest of the disk.</summary>
internal static class PartitionTable
{
    public const int PartitionOffset = 1024 * 1024;
    private const int SectorSize = 512;
    private const int FirstEntry = 446;
    private const byte Bootable = 0x80;
    private const byte LinuxType = 0x83;

    public static byte[] Create(long diskSize)
    {
        var sector = new byte[SectorSize];
        var entry = sector.AsSpan(FirstEntry);
        entry[0] = Bootable;
        entry[4] = LinuxType;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], PartitionOffset / SectorSize);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], (uint)((diskSize - PartitionOffset) / SectorSize));
        sector[510] = 0x55;
        sector[511] = 0xAA;
        return sector;
    }
}
