namespace Coriolis.Providers;

/// <summary>An entry of a guest's file system.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record GuestFile
{
    /// <summary>The path in the guest.</summary>
    public required string Path { get; init; }

    /// <summary>What the entry is.</summary>
    public required GuestFileKind Kind { get; init; }

    /// <summary>Size in bytes of a regular file.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Permission bits.</summary>
    public UnixFileMode Mode { get; init; }

    /// <summary>Where a symbolic link points, as written in the link.</summary>
    public string? LinkTarget { get; init; }
}
