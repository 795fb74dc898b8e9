using Coriolis.Providers;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Destinations;

/// <summary>An open file or block device, and what it held when it was opened.</summary>
internal sealed record RawTarget(string Path, SafeFileHandle Handle, DestinationContent Content)
{
    /// <summary>Whether it is a file: one that has a length of its own, and shows when it was modified.</summary>
    public required bool IsFile { get; init; }

    /// <summary>Whether this opening created it, so that it goes again when nothing is written.</summary>
    public bool IsNew { get; init; }

    /// <summary>Whether this opening also made its marker, which then goes with it.</summary>
    public bool IsMarkerNew { get; init; }
}
