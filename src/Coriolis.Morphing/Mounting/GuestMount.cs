using Coriolis.Morphing.Disks;

namespace Coriolis.Morphing.Mounting;

/// <summary>One of a guest's file systems, mounted.</summary>
/// <param name="MountPoint">Where the guest has it.</param>
/// <param name="Directory">Where it is in the namespace.</param>
/// <param name="Volume">What is mounted.</param>
internal sealed record GuestMount(string MountPoint, string Directory, GuestVolume Volume)
{
    /// <summary>Whether changes to it can be staged: an overlay needs Unix file names and attributes.</summary>
    public bool CanStage => Volume.Type != "vfat";
}
