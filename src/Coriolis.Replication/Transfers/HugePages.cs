using System.Runtime.InteropServices;

namespace Coriolis.Replication;

/// <summary>
/// Memory that Linux backs with pages of 2 MiB instead of 4 KiB: whoever writes a buffer past the page cache has the kernel look up and lock each of
/// its pages for each write.
/// </summary>
internal static partial class HugePages
{
    public const int Size = 2 * 1024 * 1024;

    private const int AdviseHugePage = 14;

    /// <summary>Advice for whole huge pages in memory that nothing was written to yet. A system that has none, or none left, takes small ones.</summary>
    public static void Prefer(nint address, int length)
    {
        if (OperatingSystem.IsLinux() && length >= Size)
        {
            _ = AdviseMemory(address, length, AdviseHugePage);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseMemory(nint address, nint length, int advice);
}
