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
            CopyAttributes(parent, old is null ? "." : name, temporary, all: old is not null);
            parent.SetMode(temporary, old?.Mode ?? mode);
            parent.Rename(temporary, name);
        }
        catch
        {
            parent.Remove(temporary, directory: false);
            throw;
        }
    }

    // A new file on an SELinux guest takes the label of its directory, as the running guest would do by default.
    private static void CopyAttributes(DirectoryDescriptor parent, string from, string to, bool all)
    {
        foreach (var (attribute, value) in ExtendedAttributes.Read($"{parent.Path}/{from}"))
        {
            var copied = all ? !attribute.StartsWith("trusted.overlay.", StringComparison.Ordinal) : attribute == SecurityLabel;
            if (copied)
                ExtendedAttributes.Write($"{parent.Path}/{to}", attribute, value);
        }
    }
}
