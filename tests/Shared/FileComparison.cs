using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Tests;

/// <summary>Compares disks of some gibibytes of which a few mebibytes were written: where both files have a hole there is nothing to read.</summary>
internal static partial class FileComparison
{
    private const int BufferSize = 1 << 20;
    private const int SeekData = 3;
    private const int NoSuchAddress = 6; // ENXIO: only a hole follows.

    /// <returns>The offset of the first buffer that differs, or <see langword="null"/> when the files are equal.</returns>
    public static async Task<long?> FindDifferenceAsync(string left, string right)
    {
        using var leftHandle = File.OpenHandle(left, share: FileShare.ReadWrite);
        using var rightHandle = File.OpenHandle(right, share: FileShare.ReadWrite);
        var size = RandomAccess.GetLength(leftHandle);
        if (RandomAccess.GetLength(rightHandle) != size)
        {
            return Math.Min(RandomAccess.GetLength(rightHandle), size);
        }

        var leftBuffer = new byte[BufferSize];
        var rightBuffer = new byte[BufferSize];
        for (var offset = FindData(leftHandle, rightHandle, 0, size); offset < size; offset = FindData(leftHandle, rightHandle, offset + BufferSize, size))
        {
            var leftRead = await RandomAccess.ReadAsync(leftHandle, leftBuffer, offset);
            var rightRead = await RandomAccess.ReadAsync(rightHandle, rightBuffer, offset);
            if (!leftBuffer.AsSpan(0, leftRead).SequenceEqual(rightBuffer.AsSpan(0, rightRead)))
            {
                return offset;
            }
        }

        return null;
    }

    /// <summary>The offset of the next buffer in which either file has data, or <paramref name="size"/>.</summary>
    private static long FindData(SafeFileHandle left, SafeFileHandle right, long offset, long size)
    {
        var data = Math.Min(FindData(left, offset, size), FindData(right, offset, size));
        return data == size ? size : data / BufferSize * BufferSize;
    }

    private static long FindData(SafeFileHandle file, long offset, long size)
    {
        if (!OperatingSystem.IsLinux() || offset >= size)
        {
            return Math.Min(offset, size);
        }

        var data = Seek(file, offset, SeekData);
        return data >= 0 ? data : Marshal.GetLastPInvokeError() == NoSuchAddress ? size : offset;
    }

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);
}
