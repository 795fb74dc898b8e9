using System.Runtime.InteropServices;

namespace Coriolis.Reliability.Tests.Support;

/// <summary>A small file system in memory that can be filled up. Needs Linux and root.</summary>
/// <remarks>Mounted by system calls: a child process would for a moment hold every open file, and so the locks of runs beside it.</remarks>
internal sealed partial class SmallDisk : IDisposable
{
    private const int LazyUnmount = 2;

    private readonly string _folder;
    private readonly string _ballast;

    private SmallDisk(string folder)
    {
        _folder = folder;
        _ballast = Path.Combine(folder, "ballast");
    }

    /// <summary>Mounts one on a folder; <see langword="null"/> where that is not possible.</summary>
    public static SmallDisk? TryMount(string folder, int sizeMiB) =>
        OperatingSystem.IsLinux() && Mount("coriolis-test", folder, "tmpfs", 0, $"size={sizeMiB}m") == 0 ? new SmallDisk(folder) : null;

    /// <summary>Leaves so many bytes free.</summary>
    public void Fill(long freeBytes)
    {
        var size = new DriveInfo(_folder).AvailableFreeSpace - freeBytes;
        if (size > 0)
        {
            File.OpenHandle(_ballast, FileMode.Create, FileAccess.Write, preallocationSize: size).Dispose();
        }
    }

    /// <summary>Takes the filling away.</summary>
    public void Release() => File.Delete(_ballast);

    public void Dispose() => Unmount(_folder, LazyUnmount);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
