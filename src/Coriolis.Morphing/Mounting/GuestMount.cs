using Coriolis.Morphing.Disks;

namespace Coriolis.Morphing.Mounting;

/// <summary>One of a guest's file systems, mounted.</summary>
/// <param name="MountPoint">Where the guest has it.</param>
/// <param name="Directory">Where it is in the namespace.</param>
/// <param name="Type">What kind of file system it is.</param>
internal sealed record GuestMount(string MountPoint, string Directory, string Type)
{
    /// <summary>What is mounted, where that was found on a disk.</summary>
    public GuestVolume? Volume { get; init; }

    /// <summary>Whether changes to it can be staged: an overlay needs Unix file names and attributes.</summary>
    public bool CanStage => Type != "vfat";

    /// <summary>Where the stage keeps changes to it.</summary>
    public string Changes => $"{Directory}-changes";

    /// <summary>What the overlay needs besides.</summary>
    public string Work => $"{Directory}-work";
}
