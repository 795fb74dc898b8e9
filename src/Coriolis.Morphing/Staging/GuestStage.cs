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
    /// <summary>Where the guest with all changes is in the namespace.</summary>
    public const string Directory = "guest";

    private GuestStage(IGuestRoot guest) => Guest = guest;

    /// <summary>The guest, with all changes so far.</summary>
    public IGuestRoot Guest { get; }

    /// <summary>Mounts the overlays.</summary>
    /// <param name="space">Where the guest's file systems are mounted.</param>
    /// <param name="mounts">The file systems, the root first and each after those above it.</param>
    /// <param name="description">What to call the guest in messages.</param>
    /// <param name="fileSystems">What is known of the guest's disks.</param>
    /// <param name="cancellationToken">Cancels the mounting.</param>
    public static async Task<GuestStage> CreateAsync(
        IMountSpace space,
        IReadOnlyList<GuestMount> mounts,
        string description,
        IReadOnlyList<GuestFileSystem> fileSystems,
        CancellationToken cancellationToken)
    {
        await space.CreateDirectoryAsync(Directory, cancellationToken).ConfigureAwait(false);
        foreach (var mount in mounts)
        {
            var target = MountNamespace.Inside(Directory) + mount.MountPoint.TrimEnd('/');
            if (mount.MountPoint != "/" && !await IsPlainDirectoryAsync(space, mount.MountPoint, cancellationToken).ConfigureAwait(false))
                throw new GuestException($"The guest's mount point {mount.MountPoint} is not a directory.") { ResourceId = mount.MountPoint };

            if (!mount.CanStage)
            {
                await space.RunAsync(["mount", "--bind", "-o", "ro", MountNamespace.Inside(mount.Directory), target], cancellationToken).ConfigureAwait(false);
                continue;
            }

            await space.CreateDirectoryAsync(mount.Changes, cancellationToken).ConfigureAwait(false);
            await space.CreateDirectoryAsync(mount.Work, cancellationToken).ConfigureAwait(false);
            var layers = $"lowerdir={MountNamespace.Inside(mount.Directory)},upperdir={MountNamespace.Inside(mount.Changes)},workdir={MountNamespace.Inside(mount.Work)}";

            // Without redirects and metadata-only copies the upper layer says by itself what changed.
            await space.RunAsync(
                ["mount", "-t", "overlay", "-o", $"{layers},redirect_dir=nofollow,metacopy=off,index=off,xino=off", "overlay", target],
                cancellationToken).ConfigureAwait(false);
        }

        return new(space.OpenRoot(Directory, description, fileSystems));
    }

    public void Dispose() => (Guest as IDisposable)?.Dispose();

    // A mount follows links: one in a hostile guest would put a file system over the host's own directories.
    private static async Task<bool> IsPlainDirectoryAsync(IMountSpace space, string path, CancellationToken cancellationToken)
    {
        var root = space.OpenRoot(Directory, path, []);
        using var open = root as IDisposable;
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
