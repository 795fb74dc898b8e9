using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Native;
using Coriolis.Storage;

namespace Coriolis.Morphing.Staging;

/// <summary>Puts an entry in place exactly as a state says.</summary>
internal static class FileRestorer
{
    /// <summary>What an entry is called until it is whole. A run that is killed may leave one, which the undo removes.</summary>
    public const string Temporary = ".coriolis-morph.new";

    /// <summary>Replaces what is there, at once where the kernel can: a file, link or device over anything but a directory.</summary>
    public static void Put(DirectoryDescriptor parent, string name, FileState state, Stream? content)
    {
        var there = parent.GetStatus(name);
        if (state.Kind == GuestFileKind.Directory)
        {
            PutDirectory(parent, name, state, there);
            return;
        }

        if (there is { Kind: GuestFileKind.Directory })
            DirectoryTree.Delete(parent, name, CancellationToken.None);

        parent.Remove(Temporary, directory: false);
        try
        {
            Create(parent, Temporary, state, content);
            SetMetadata(parent, Temporary, state);
            parent.Rename(Temporary, name);
        }
        catch
        {
            parent.Remove(Temporary, directory: false);
            throw;
        }
    }

    private static void PutDirectory(DirectoryDescriptor parent, string name, FileState state, FileNode? there)
    {
        if (there is not (null or { Kind: GuestFileKind.Directory }))
            parent.Remove(name, directory: false);
        if (there is not { Kind: GuestFileKind.Directory })
            parent.CreateDirectory(name, state.Mode);
        SetMetadata(parent, name, state);
    }

    private static void Create(DirectoryDescriptor parent, string name, FileState state, Stream? content)
    {
        switch (state.Kind)
        {
            case GuestFileKind.SymbolicLink:
                parent.CreateSymbolicLink(name, state.LinkTarget!);
                break;
            case GuestFileKind.Special:
                parent.CreateNode(name, state.ModeAndType, state.Device.Major, state.Device.Minor);
                break;
            default:
                using (var file = new FileStream($"{parent.Path}/{name}", FileMode.CreateNew, FileAccess.Write))
                {
                    content?.CopyTo(file);
                    file.Flush(flushToDisk: true);
                }

                break;
        }
    }

    // The owner comes first: changing it clears the set-user-id bit and file capabilities.
    private static void SetMetadata(DirectoryDescriptor parent, string name, FileState state)
    {
        var path = $"{parent.Path}/{name}";
        parent.SetOwner(name, state.User, state.Group);
        foreach (var stale in ExtendedAttributes.Read(path).Keys.Where(key => !state.Attributes.ContainsKey(key)))
            ExtendedAttributes.Remove(path, stale);
        foreach (var (attribute, value) in state.Attributes)
            ExtendedAttributes.Write(path, attribute, value);
        if (state.Kind != GuestFileKind.SymbolicLink)
            parent.SetMode(name, state.Mode);
        parent.SetModified(name, state.Modified);
    }
}
