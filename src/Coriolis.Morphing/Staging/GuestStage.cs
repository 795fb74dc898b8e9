using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Mounting;

namespace Coriolis.Morphing.Staging;

/// <summary>A guest whose changes are kept in memory, apart from its disks, until they are applied.</summary>
/// <remarks>
/// Every file system of the guest is the lower layer of an overlay, so morphers and the guest's own package manager see
/// and change the guest as it is, while the disks stay untouched: a dry run is a stage that is thrown away.
/// </remarks>
internal sealed class GuestStage : IDisposable
{
    private const string Merged = "guest";

    private readonly GuestDisks _disks;

    private GuestStage(GuestDisks disks, LocalGuestRoot guest)
    {
        _disks = disks;
        Guest = guest;
    }

    /// <summary>The guest, with all changes so far.</summary>
    public LocalGuestRoot Guest { get; }

    public static async Task<GuestStage> CreateAsync(GuestDisks disks, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var space = disks.Space;
        space.CreateDirectory(Merged);
        foreach (var mount in disks.Mounts)
        {
            var target = MountNamespace.Inside(Merged) + mount.MountPoint.TrimEnd('/');
            if (mount.MountPoint != "/" && !await IsPlainDirectoryAsync(space, mount.MountPoint, cancellationToken).ConfigureAwait(false))
                throw new GuestException($"The guest's mount point {mount.MountPoint} is not a directory.") { ResourceId = mount.MountPoint };

            if (!mount.CanStage)
            {
                await space.RunAsync(["mount", "--bind", "-o", "ro", MountNamespace.Inside(mount.Directory), target], cancellationToken).ConfigureAwait(false);
                continue;
            }

            space.CreateDirectory(Upper(mount));
            space.CreateDirectory(Work(mount));
            var layers = $"lowerdir={MountNamespace.Inside(mount.Directory)},upperdir={MountNamespace.Inside(Upper(mount))},workdir={MountNamespace.Inside(Work(mount))}";

            // Without redirects and metadata-only copies the upper layer says by itself what changed.
            await space.RunAsync(
                ["mount", "-t", "overlay", "-o", $"{layers},redirect_dir=nofollow,metacopy=off,index=off,xino=off", "overlay", target],
                cancellationToken).ConfigureAwait(false);
        }

        var runner = GuestCommandRunner.Local(space.Enter, MountNamespace.Inside(Merged), timeProvider);
        var fileSystems = disks.Volumes.Select(volume => new GuestFileSystem
        {
            Type = volume.Type,
            Uuid = volume.Uuid,
            Label = volume.Label,
            MountPoint = disks.Mounts.FirstOrDefault(mount => mount.Volume == volume)?.MountPoint,
        });
        return new(disks, LocalGuestRoot.Open(space.Outside(Merged), runner, disks.Volumes[0].DiskPath, [.. fileSystems]));
    }

    /// <summary>What is staged.</summary>
    public IReadOnlyList<FileChange> Compare(CancellationToken cancellationToken)
    {
        var changes = new List<FileChange>();
        foreach (var mount in _disks.Mounts.Where(mount => mount.CanStage))
        {
            using var lower = Native.DirectoryDescriptor.OpenRoot(_disks.Space.Outside(mount.Directory));
            using var upper = Native.DirectoryDescriptor.OpenRoot(_disks.Space.Outside(Upper(mount)));
            changes.AddRange(LayerDiff.Compare(mount.MountPoint, lower, upper, cancellationToken));
        }

        return changes;
    }

    /// <summary>Opens what is staged, to copy it.</summary>
    public GuestTree OpenChanges() => new(_disks.Mounts.Where(mount => mount.CanStage), mount => _disks.Space.Outside(Upper(mount)));

    public void Dispose() => Guest.Dispose();

    private static string Upper(GuestMount mount) => $"{mount.Directory}-changes";

    private static string Work(GuestMount mount) => $"{mount.Directory}-work";

    // A mount follows links: one in a hostile guest would put a file system over the host's own directories.
    private static async Task<bool> IsPlainDirectoryAsync(MountNamespace space, string path, CancellationToken cancellationToken)
    {
        using var root = LocalGuestRoot.Open(space.Outside(Merged));
        var parts = GuestPath.Split(path);
        for (var length = 1; length <= parts.Length; length++)
        {
            var file = await root.GetFileAsync("/" + string.Join('/', parts[..length]), cancellationToken).ConfigureAwait(false);
            if (file is not { Kind: GuestFileKind.Directory })
                return false;
        }

        return true;
    }
}
