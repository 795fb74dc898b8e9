using Coriolis.Morphing.Native;

namespace Coriolis.Morphing.Guests;

/// <summary>Deletes trees without ever following a link out of them.</summary>
internal static class DirectoryTree
{
    public static void Delete(DirectoryDescriptor parent, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (parent.GetStatus(name) is not { } status)
            return;

        if (status.Kind == GuestFileKind.Directory)
        {
            using var child = parent.OpenChild(name);
            foreach (var entry in child?.ListNames().ToArray() ?? [])
                Delete(child!, entry, cancellationToken);
        }

        parent.Remove(name, status.Kind == GuestFileKind.Directory);
    }
}
