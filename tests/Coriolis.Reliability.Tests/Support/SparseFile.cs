using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Reliability.Tests.Support;

/// <summary>Compares large files of few bytes without reading their holes.</summary>
internal static partial class SparseFile
{
    private const int SeekData = 3;
    private const int Step = 64 * 1024;

    /// <returns>Where they differ first, or <see langword="null"/> when they are equal.</returns>
    public static long? FindDifference(string left, string right)
    {
        using var leftFile = File.OpenHandle(left, share: FileShare.ReadWrite);
        using var rightFile = File.OpenHandle(right, share: FileShare.ReadWrite);
        var size = RandomAccess.GetLength(leftFile);
        if (RandomAccess.GetLength(rightFile) != size)
        {
            return Math.Min(RandomAccess.GetLength(rightFile), size);
        }

        var leftBytes = new byte[Step];
        var rightBytes = new byte[Step];
        for (var offset = Next(0); offset < size; offset = Next(offset + Step))
        {
            var read = RandomAccess.Read(leftFile, leftBytes, offset);
            if (RandomAccess.Read(rightFile, rightBytes, offset) != read || !leftBytes.AsSpan(0, read).SequenceEqual(rightBytes.AsSpan(0, read)))
            {
                return offset;
            }
        }

        return null;

        long Next(long offset) => offset >= size ? size : Math.Min(FindData(leftFile, offset, size), FindData(rightFile, offset, size)) / Step * Step;
    }

    private static long FindData(SafeFileHandle file, long offset, long size)
    {
        if (!OperatingSystem.IsLinux())
        {
            return offset;
        }

        // It fails where nothing but a hole follows.
        var found = Seek(file, offset, SeekData);
        return found < 0 ? size : Math.Max(found, offset);
    }

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);
}
