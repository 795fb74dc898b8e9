namespace Coriolis.Providers;

/// <summary>A file system or swap area on a guest's disks.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record GuestFileSystem
{
    /// <summary>The type as in fstab, for example <c>ext4</c>, <c>xfs</c> or <c>swap</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The identifier to write after <c>UUID=</c>, when it has one.</summary>
    public string? Uuid { get; init; }

    /// <summary>The identifier to write after <c>LABEL=</c>, when it has one.</summary>
    public string? Label { get; init; }

    /// <summary>Where the guest mounts it, when its fstab or its role as root says so.</summary>
    public string? MountPoint { get; init; }
}
