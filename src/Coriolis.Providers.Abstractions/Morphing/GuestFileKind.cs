namespace Coriolis.Providers;

/// <summary>What an entry of a guest's file system is.</summary>
public enum GuestFileKind
{
    /// <summary>A device, socket or FIFO.</summary>
    Special = 0,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,
}
