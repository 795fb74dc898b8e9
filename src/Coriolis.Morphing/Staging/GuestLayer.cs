using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Mounting;
using Coriolis.Morphing.Native;

namespace Coriolis.Morphing.Staging;

/// <summary>One layer of a guest's file systems as a single tree: what is on the disks, or what a stage holds of changes.</summary>
internal sealed class GuestLayer : IDisposable
{
    private readonly List<(string MountPoint, DirectoryDescriptor Root)> _roots = [];

    /// <param name="mounts">The guest's file systems.</param>
    /// <param name="directoryOf">Where a file system's layer is for this process.</param>
    public GuestLayer(IEnumerable<GuestMount> mounts, Func<GuestMount, string> directoryOf)
    {
        foreach (var mount in mounts)
            _roots.Add((mount.MountPoint, DirectoryDescriptor.OpenRoot(directoryOf(mount))));

        // The longest mount point that a path begins with is the one that holds it.
        _roots.Sort((one, other) => other.MountPoint.Length.CompareTo(one.MountPoint.Length));
    }

    public IEnumerable<(string MountPoint, DirectoryDescriptor Root)> Roots => _roots.AsEnumerable().Reverse();

    /// <summary>Opens the directory that an entry is in; <see langword="null"/> when there is no such directory.</summary>
    /// <returns>The directory and the entry's name there, which is <c>.</c> for the root of a file system.</returns>
    public (DirectoryDescriptor? Parent, string Name) OpenParent(string path)
    {
        if (_roots.FirstOrDefault(candidate => candidate.MountPoint == path) is { Root: { } own })
            return (own.OpenBelow("/", directory: true), ".");

        var (directory, name) = GuestPath.SplitLast(path);
        var (mountPoint, root) = _roots.First(candidate => IsAtOrBelow(directory, candidate.MountPoint));
        return (root.OpenBelow("/" + directory[mountPoint.Length..].TrimStart('/'), directory: true), name);
    }

    public FileState? Look(string path)
    {
        var (parent, name) = OpenParent(path);
        using (parent)
            return parent is null ? null : FileState.Read(parent, name);
    }

    public void Dispose()
    {
        foreach (var (_, root) in _roots)
            root.Dispose();
    }

    private static bool IsAtOrBelow(string path, string mountPoint) =>
        mountPoint == "/" || path == mountPoint || path.StartsWith(mountPoint + "/", StringComparison.Ordinal);
}
