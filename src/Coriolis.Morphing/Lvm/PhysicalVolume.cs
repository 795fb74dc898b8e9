using System.Buffers.Binary;
using System.Text;
using Coriolis.Morphing.Disks;

namespace Coriolis.Morphing.Lvm;

/// <summary>A physical volume of LVM: where it is, and the metadata of its group that it carries.</summary>
/// <param name="Volume">The partition, disk or opened container.</param>
/// <param name="Id">Its identifier, without hyphens.</param>
/// <param name="Metadata">The text about its group; <see langword="null"/> when this volume carries none.</param>
internal sealed record PhysicalVolume(GuestVolume Volume, string Id, string? Metadata)
{
    private const int SectorBytes = 512;
    private const int LabelSectors = 4;
    private const int IdBytes = 32;

    // LVM's own default is 1 MiB; groups of thousands of volumes have more.
    private const long MaxMetadataBytes = 64 * 1024 * 1024;

    private static ReadOnlySpan<byte> AreaMagic => " LVM2 x[5A%r0N*>"u8;

    /// <exception cref="FormatException">The volume is damaged.</exception>
    public static PhysicalVolume Read(DiskImage disk, GuestVolume volume)
    {
        for (var sector = 0; sector < LabelSectors; sector++)
        {
            var label = ReadAt(disk, volume, sector * SectorBytes, SectorBytes);
            if (label.AsSpan().StartsWith("LABELONE"u8) && label.AsSpan(24).StartsWith("LVM2 001"u8))
                return ReadHeader(disk, volume, label);
        }

        throw new FormatException("it has no label of LVM");
    }

    private static PhysicalVolume ReadHeader(DiskImage disk, GuestVolume volume, byte[] label)
    {
        var header = label.AsSpan(BinaryPrimitives.ReadInt32LittleEndian(label.AsSpan(20)) is >= 32 and <= SectorBytes - 64 and var offset
            ? offset
            : throw new FormatException("its label is damaged"));
        var id = Encoding.ASCII.GetString(header[..IdBytes]);

        // Two lists of places follow: of the data, and of the metadata, each ended by a zero.
        var places = header[(IdBytes + 8)..];
        while (places.Length >= 32 && BinaryPrimitives.ReadInt64LittleEndian(places) != 0)
            places = places[16..];
        for (places = places[16..]; places.Length >= 16 && BinaryPrimitives.ReadInt64LittleEndian(places) is not 0 and var start; places = places[16..])
        {
            if (ReadMetadata(disk, volume, start, BinaryPrimitives.ReadInt64LittleEndian(places[8..])) is { } metadata)
                return new(volume, id, metadata);
        }

        return new(volume, id, null);
    }

    private static string? ReadMetadata(DiskImage disk, GuestVolume volume, long start, long length)
    {
        var header = ReadAt(disk, volume, start, SectorBytes);
        if (!header.AsSpan(4).StartsWith(AreaMagic))
            throw new FormatException("its metadata area is damaged");

        var offset = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(40));
        var size = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(48));
        if (offset == 0)
            return null;
        if (size is <= 0 or > MaxMetadataBytes || offset < SectorBytes || offset >= length || size > length - SectorBytes)
            throw new FormatException("its metadata area is damaged");

        // The area is a ring behind its header.
        var first = ReadAt(disk, volume, start + offset, (int)Math.Min(size, length - offset));
        var rest = ReadAt(disk, volume, start + SectorBytes, (int)size - first.Length);
        return Encoding.UTF8.GetString([.. first, .. rest]);
    }

    private static byte[] ReadAt(DiskImage disk, GuestVolume volume, long offset, int length)
    {
        var buffer = new byte[length];
        return offset >= 0 && offset <= volume.Length - length && disk.TryRead(volume.Offset + offset, buffer)
            ? buffer
            : throw new FormatException("it ends before its metadata");
    }
}
