using Coriolis.Morphing.Disks;
using Coriolis.Morphing.Native;

namespace Coriolis.Morphing.Mounting;

/// <summary>Finds the volume that holds the guest's root file system.</summary>
internal sealed class RootFinder(MountNamespace space, VolumeMounter mounter)
{
    private const string ProbeDirectory = "probe";

    // Where installers put the root when it is not the default subvolume: Debian, Ubuntu and Arch, Fedora, openSUSE.
    private static readonly string?[] s_subvolumes = [null, "subvol=@", "subvol=@rootfs", "subvol=root", "subvol=@/.snapshots/1/snapshot"];

    /// <param name="volumes">Where to look.</param>
    /// <param name="problems">Takes what could not be looked at, as sentences.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <returns>The first volume that looks like a root file system, with the mount option of its subvolume; or nothing.</returns>
    public async Task<(GuestVolume Volume, string? Subvolume)?> FindAsync(
        IReadOnlyList<GuestVolume> volumes, List<string> problems, CancellationToken cancellationToken)
    {
        foreach (var volume in volumes.Where(volume => VolumeMounter.IsMountable(volume) && volume.Type != "vfat"))
        {
            foreach (var subvolume in volume.Type == "btrfs" ? s_subvolumes : [null])
            {
                if (await mounter.TryMountAsync(volume, ProbeDirectory, readOnly: true, subvolume, cancellationToken).ConfigureAwait(false) is { } problem)
                {
                    // A subvolume of this name need not be there.
                    if (subvolume is null)
                        problems.Add($"{volume.Type} on {volume.Description} cannot be mounted: {problem}");
                    continue;
                }

                var found = IsRoot(space.Outside(ProbeDirectory));
                await mounter.UnmountAsync(ProbeDirectory, cancellationToken).ConfigureAwait(false);
                if (found)
                    return (volume, subvolume);
            }
        }

        return null;
    }

    // Merged-usr systems have links to /usr, which may be another volume; /etc never is.
    private static bool IsRoot(string directory)
    {
        using var top = DirectoryDescriptor.OpenRoot(directory);
        return top.GetStatus("etc") is { Kind: GuestFileKind.Directory }
            && top.GetStatus("usr") is { Kind: GuestFileKind.Directory }
            && top.GetStatus("bin") is not null
            && top.GetStatus("var") is { Kind: GuestFileKind.Directory };
    }
}
