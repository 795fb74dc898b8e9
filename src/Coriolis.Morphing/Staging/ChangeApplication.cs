using Coriolis.Morphing.Native;

namespace Coriolis.Morphing.Staging;

/// <summary>Carries changes to a guest's disks, and takes them back.</summary>
internal static class ChangeApplication
{
    /// <summary>Removes first, so that a full file system has the room for what comes.</summary>
    public static void Apply(GuestLayer guest, GuestLayer staged, IReadOnlyList<FileChange> changes)
    {
        foreach (var change in changes.Where(change => change.After is null))
            Remove(guest, change.Path, change.Before!);

        foreach (var change in changes.Where(change => change.After is not null))
        {
            var (source, name) = staged.OpenParent(change.Path);
            using (source)
            {
                using var content = change.After!.Kind == GuestFileKind.Regular ? FileContent.OpenRead(source!, name) : null;
                Put(guest, change.Path, change.After, content);
            }
        }
    }

    /// <summary>Puts back what an archive holds and removes what was created; can be repeated after an interruption.</summary>
    /// <param name="guest">The guest's disks.</param>
    /// <param name="created">The paths that were not there before.</param>
    /// <param name="archive">What was there before.</param>
    public static void Undo(GuestLayer guest, IEnumerable<string> created, Stream archive)
    {
        // What was created last may be in a directory that was created before it.
        foreach (var path in created.OrderDescending(StringComparer.Ordinal))
        {
            RemoveCreated(guest, path);
        }

        var directories = new Stack<(string Path, FileState State)>();
        foreach (var (path, state, content) in UndoArchive.Read(archive))
        {
            Put(guest, path, state, content);
            if (state.Kind == GuestFileKind.Directory)
                directories.Push((path, state));
        }

        // Restoring an entry has changed the time of its directory.
        foreach (var (path, state) in directories)
            Put(guest, path, state, null);
    }

    private static void Put(GuestLayer guest, string path, FileState state, Stream? content)
    {
        var (parent, name) = guest.OpenParent(path);
        using (parent)
            FileRestorer.Put(parent ?? throw new GuestException($"The guest has no directory for {path}."), name, state, content);
    }

    private static void RemoveCreated(GuestLayer guest, string path)
    {
        var (parent, name) = guest.OpenParent(path);
        using (parent)
        {
            parent?.Remove(FileRestorer.Temporary, directory: false);
            if (parent?.GetStatus(name) is { } status)
                parent.Remove(name, status.Kind == GuestFileKind.Directory);
        }
    }

    private static void Remove(GuestLayer guest, string path, FileState state)
    {
        var (parent, name) = guest.OpenParent(path);
        using (parent)
            parent?.Remove(name, state.Kind == GuestFileKind.Directory);
    }
}
