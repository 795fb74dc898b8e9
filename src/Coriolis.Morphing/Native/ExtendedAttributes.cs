using System.Runtime.InteropServices;
using System.Text;

namespace Coriolis.Morphing.Native;

/// <summary>Extended attributes of a file that is not followed when it is a link.</summary>
internal static class ExtendedAttributes
{
    // The kernel's own bounds (XATTR_LIST_MAX, XATTR_SIZE_MAX).
    private const int MaxBytes = 65536;

    public static SortedDictionary<string, byte[]> Read(string path)
    {
        var attributes = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var buffer = new byte[MaxBytes];
        var length = LibC.ListAttributes(path, buffer, MaxBytes);
        if (length < 0)
            return Marshal.GetLastPInvokeError() is LibC.EOPNOTSUPP or LibC.ENOENT ? attributes : throw Failure("list attributes of", path);

        foreach (var name in Encoding.UTF8.GetString(buffer, 0, (int)length).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var size = LibC.GetAttribute(path, name, buffer, MaxBytes);
            if (size >= 0)
                attributes[name] = buffer[..(int)size];
            else if (Marshal.GetLastPInvokeError() is not (LibC.ENODATA or LibC.EOPNOTSUPP))
                throw Failure($"read attribute {name} of", path);
        }

        return attributes;
    }

    public static void Write(string path, string name, ReadOnlySpan<byte> value)
    {
        if (LibC.SetAttribute(path, name, value, (nuint)value.Length, 0) != 0)
            throw Failure($"write attribute {name} of", path);
    }

    public static void Remove(string path, string name)
    {
        if (LibC.RemoveAttribute(path, name) != 0 && Marshal.GetLastPInvokeError() != LibC.ENODATA)
            throw Failure($"remove attribute {name} of", path);
    }

    private static IOException Failure(string verb, string path) =>
        new($"cannot {verb} {path}: {Marshal.GetLastPInvokeErrorMessage()}");
}
