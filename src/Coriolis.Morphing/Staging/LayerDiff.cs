using Coriolis.Morphing.Guests;
using Coriolis.Morphing.Native;

namespace Coriolis.Morphing.Staging;

/// <summary>Compares the upper layer of an overlay with the layer below it.</summary>
/// <remarks>The upper layer holds what was touched, so the cost is that of the changes, not of the guest.</remarks>
internal static class LayerDiff
{
    private const string OpaqueAttribute = "trusted.overlay.opaque";

    /// <param name="mountPoint">Where the guest has the file system.</param>
    /// <param name="lower">The file system itself.</param>
    /// <param name="upper">What the overlay keeps of changes to it.</param>
    /// <param name="cancellationToken">Cancels between two entries.</param>
    /// <returns>The changes; what is in a removed directory comes before it, what is in a new one after it.</returns>
    public static IEnumerable<FileChange> Compare(
        string mountPoint, DirectoryDescriptor lower, DirectoryDescriptor upper, CancellationToken cancellationToken) =>
        Compare(mountPoint, lower, upper, FileState.Read(lower, ".")?.Label, cancellationToken);

    /// <summary>An entry that will be gone, after all that is in it.</summary>
    public static IEnumerable<FileChange> Removed(string path, DirectoryDescriptor parent, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (FileState.Read(parent, name) is not { } before)
            yield break;

        if (before.Kind == GuestFileKind.Directory)
        {
            using var directory = parent.OpenChild(name);
            foreach (var child in directory?.ListNames().Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>())
            {
                foreach (var change in Removed(GuestPath.Join(path, child), directory!, child, cancellationToken))
                    yield return change;
            }
        }

        yield return new(path, before, null);
    }

    // The file system has no lower for a directory that is new.
    private static IEnumerable<FileChange> Compare(
        string directory, DirectoryDescriptor? lower, DirectoryDescriptor upper, byte[]? label, CancellationToken cancellationToken)
    {
        foreach (var name in upper.ListNames().Order(StringComparer.Ordinal))
        {
            foreach (var change in CompareEntry(GuestPath.Join(directory, name), name, lower, upper, label, cancellationToken))
                yield return change;
        }
    }

    private static IEnumerable<FileChange> CompareEntry(
        string path, string name, DirectoryDescriptor? lower, DirectoryDescriptor upper, byte[]? label, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var status = upper.GetStatus(name);
        if (status is { IsCharacterDevice: true, RepresentedMajor: 0, RepresentedMinor: 0 })
            return lower is null ? [] : Removed(path, lower, name, cancellationToken);

        var before = lower is null ? null : FileState.Read(lower, name);
        var after = FileState.Read(upper, name)!.WithLabel(before is null ? label : before.Label);
        if (after.Kind != GuestFileKind.Directory)
        {
            var gone = before?.Kind == GuestFileKind.Directory ? Removed(path, lower!, name, cancellationToken).SkipLast(1) : [];
            return before is not null && before.IsSameAs(after) ? [] : gone.Append(new(path, before, after));
        }

        return CompareDirectory(path, name, lower, upper, before, after, cancellationToken);
    }

    private static IEnumerable<FileChange> CompareDirectory(
        string path,
        string name,
        DirectoryDescriptor? lower,
        DirectoryDescriptor upper,
        FileState? before,
        FileState after,
        CancellationToken cancellationToken)
    {
        using var upperDirectory = upper.OpenChild(name)!;
        using var lowerDirectory = lower?.OpenChild(name);
        if (before is null || !before.IsSameAs(after))
            yield return new(path, before, after);

        if (lowerDirectory is not null && ExtendedAttributes.Read($"{upper.Path}/{name}").ContainsKey(OpaqueAttribute))
        {
            var kept = upperDirectory.ListNames().ToHashSet(StringComparer.Ordinal);
            foreach (var child in lowerDirectory.ListNames().Where(child => !kept.Contains(child)).Order(StringComparer.Ordinal))
            {
                foreach (var change in Removed(GuestPath.Join(path, child), lowerDirectory, child, cancellationToken))
                    yield return change;
            }
        }

        foreach (var change in Compare(path, lowerDirectory, upperDirectory, after.Label, cancellationToken))
            yield return change;
    }
}
