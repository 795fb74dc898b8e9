namespace Coriolis.Morphing.Disks;

/// <summary>A file system, swap area or container of those on a disk, and the names under which a guest knows it.</summary>
internal sealed record GuestVolume
{
    public required string DiskPath { get; init; }

    /// <summary>Position of the disk among those that were given; the first is the one that boots.</summary>
    public required int DiskIndex { get; init; }

    /// <summary>The partition; <see langword="null"/> for a disk without a table.</summary>
    public Partition? Partition { get; init; }

    public required long Offset { get; init; }

    public required long Length { get; init; }

    /// <summary>What blkid(8) calls its type, for example <c>ext4</c> or <c>LVM2_member</c>.</summary>
    public required string Type { get; init; }

    public string? Uuid { get; init; }

    public string? Label { get; init; }

    public string Description => Partition is null ? DiskPath : $"{DiskPath}, partition {Partition.Number}";

    public bool IsSwap => Type == "swap";
}
