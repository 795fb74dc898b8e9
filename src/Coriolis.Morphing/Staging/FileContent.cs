using System.Security.Cryptography;
using Coriolis.Morphing.Native;

namespace Coriolis.Morphing.Staging;

/// <summary>The bytes of a guest's regular file, whatever their number.</summary>
internal static class FileContent
{
    public static FileStream OpenRead(DirectoryDescriptor parent, string name) =>
        new($"{parent.Path}/{name}", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public static string Digest(DirectoryDescriptor parent, string name)
    {
        using var file = OpenRead(parent, name);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
