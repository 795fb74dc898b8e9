using Coriolis.Morphing.Native;

namespace Coriolis.Morphing.Guests;

/// <summary>Replaces a file by a new one that has the old one's owner, mode and extended attributes.</summary>
internal static class FileReplacement
{
    private const string SecurityLabel = "security.selinux";

    public static string TemporaryName(string name) => $".{name[..Math.Min(name.Length, 200)]}.{Guid.NewGuid():n}";

    public static void Write(DirectoryDescriptor parent, string name, ReadOnlySpan<byte> contents, UnixFileMode mode)
    {
        var old = parent.GetStatus(name);
        if (old is not (null or { Kind: GuestFileKind.Regular }))
            throw new IOException("it is not a regular file");

        var temporary = TemporaryName(name);
        try
        {
            using (var file = File.OpenHandle($"{parent.Path}/{temporary}", FileMode.CreateNew, FileAccess.Write, preallocationSize: contents.Length))
            {
                RandomAccess.Write(file, contents, 0);
                RandomAccess.FlushToDisk(file);
            }

            if (old is { } status)
                parent.SetOwner(temporary, status.User, status.Group);
            if (old is null)
                CopyLabel(parent, temporary);
            else
                CopyAttributes(parent, name, temporary, attribute => !attribute.StartsWith("trusted.overlay.", StringComparison.Ordinal));
            parent.SetMode(temporary, old?.Mode ?? mode);
            parent.Rename(temporary, name);
        }
        catch
        {
            parent.Remove(temporary, directory: false);
            throw;
        }
    }

    /// <summary>Gives a new entry of an SELinux guest the label of its directory, as the running guest would do by default.</summary>
    public static void CopyLabel(DirectoryDescriptor parent, string name) => CopyAttributes(parent, ".", name, attribute => attribute == SecurityLabel);

    private static void CopyAttributes(DirectoryDescriptor parent, string from, string to, Func<string, bool> which)
    {
        foreach (var (attribute, value) in ExtendedAttributes.Read($"{parent.Path}/{from}").Where(pair => which(pair.Key)))
            ExtendedAttributes.Write($"{parent.Path}/{to}", attribute, value);
    }
}
