using Coriolis.Morphing.Lvm;

namespace Coriolis.Morphing.Disks;

/// <summary>A file system, swap area or container of those on a disk, and the names under which a guest knows it.</summary>
internal sealed record GuestVolume
{
    /// <summary>The disk, or the device of an opened container.</summary>
    public required string DiskPath { get; init; }

    /// <summary>Position of the disk among those that were given; the first is the one that boots. <see langword="null"/> in a container.</summary>
    public int? DiskIndex { get; init; }

    /// <summary>The partition; <see langword="null"/> for a disk without a table.</summary>
    public Partition? Partition { get; init; }

    public required long Offset { get; init; }

    public required long Length { get; init; }

    /// <summary>What blkid(8) calls its type, for example <c>ext4</c> or <c>LVM2_member</c>.</summary>
    public required string Type { get; init; }

    public string? Uuid { get; init; }

    public string? Label { get; init; }

    /// <summary>The logical volume that it is.</summary>
    public LogicalVolume? LogicalVolume { get; init; }

    /// <summary>The UUID of the encrypted volume that it was opened from.</summary>
    public string? EncryptedUuid { get; init; }

    public string Description => LogicalVolume is not null
        ? $"the logical volume {LogicalVolume.FullName}"
        : Partition is null ? DiskPath : $"{DiskPath}, partition {Partition.Number}";
}
