using System.ComponentModel;
using System.Runtime.InteropServices;
using Coriolis.Storage;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Destinations;

/// <summary>The few file operations of Linux that .NET does not have.</summary>
internal static partial class NativeFile
{
    public const int ErrorBusy = 16;
    public const int ErrorInvalid = 22;
    public const int ErrorNoSpace = 28;

    private const int FallocKeepSize = 0x01;
    private const int FallocPunchHole = 0x02;
    private const int OpenWriteOnly = 0x01;
    private const int OpenReadWrite = 0x02;
    private const int SeekEnd = 2;

    // The values of O_EXCL and O_CLOEXEC are the same on all architectures that .NET runs on.
    private const int OpenExclusive = 0x80;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Opens a block device so that it cannot be mounted or opened a second time in this way.</summary>
    /// <exception cref="Win32Exception">It cannot be opened; <see cref="ErrorBusy"/> when it is mounted or in use.</exception>
    public static SafeFileHandle OpenExclusively(string path)
    {
        var descriptor = Open(path, OpenReadWrite | OpenExclusive | OpenCloseOnExec);
        return descriptor < 0
            ? throw new Win32Exception(Marshal.GetLastPInvokeError(), Marshal.GetLastPInvokeErrorMessage())
            : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Opens an open file once more, for writes that go past the page cache.</summary>
    /// <returns>The handle, or <see langword="null"/> when the platform or the file system cannot do that.</returns>
    public static SafeFileHandle? TryOpenUncached(SafeFileHandle file)
    {
        // O_DIRECT differs between architectures.
        var direct = !OperatingSystem.IsLinux() ? 0 : RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 0x4000,
            Architecture.Arm64 => 0x10000,
            _ => 0,
        };
        var descriptor = direct == 0 ? -1
            : Open($"/proc/self/fd/{file.DangerousGetHandle()}", OpenWriteOnly | OpenCloseOnExec | direct);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Whether a path is a block device.</summary>
    public static bool IsBlockDevice(string path) => OperatingSystem.IsLinux() && FileNode.Find(path, followLink: true) is { IsBlockDevice: true };

    /// <summary>Reads length, inode and time of modification of an open file.</summary>
    public static FileIdentity Identify(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            var modified = File.GetLastWriteTimeUtc(file) - DateTime.UnixEpoch;
            return new FileIdentity(RandomAccess.GetLength(file), 0, modified.Ticks * TimeSpan.NanosecondsPerTick);
        }

        var node = FileNode.Of(file);
        return new FileIdentity(node.Length, node.Inode, (node.ModifiedSeconds * 1_000_000_000) + node.ModifiedNanoseconds);
    }

    /// <summary>The size of an open file or block device.</summary>
    public static long GetSize(SafeFileHandle file) => OperatingSystem.IsLinux() ? Seek(file, 0, SeekEnd) : RandomAccess.GetLength(file);

    /// <summary>Allocates the space of a range inside a file, which reads as zeros until it is written.</summary>
    /// <returns>False when the file system cannot do that or has no space.</returns>
    public static bool TryAllocate(SafeFileHandle file, long offset, long length) =>
        OperatingSystem.IsLinux() && Fallocate(file, FallocKeepSize, offset, length) == 0;

    /// <summary>Frees the space of a range, which then reads as zeros.</summary>
    /// <returns>False when the file system or device cannot do that.</returns>
    public static bool TryPunchHole(SafeFileHandle file, long offset, long length) =>
        OperatingSystem.IsLinux() && Fallocate(file, FallocPunchHole | FallocKeepSize, offset, length) == 0;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int origin);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Fallocate(SafeFileHandle file, int mode, long offset, long length);
}
