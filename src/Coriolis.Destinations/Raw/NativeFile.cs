using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
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

    // The values of O_EXCL, O_CLOEXEC and AT_EMPTY_PATH are the same on all architectures that .NET runs on.
    private const int OpenExclusive = 0x80;
    private const int OpenCloseOnExec = 0x80000;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxBasicStats = 0x7ff;
    private const int StatxSize = 256;
    private const int ModeTypeMask = 0xF000;
    private const int ModeBlockDevice = 0x6000;

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
    public static unsafe bool IsBlockDevice(string path)
    {
        Span<byte> stat = stackalloc byte[StatxSize];
        fixed (byte* buffer = stat)
        {
            return Statx(AtWorkingDirectory, path, 0, StatxBasicStats, buffer) == 0
                && (BinaryPrimitives.ReadUInt16LittleEndian(stat[28..]) & ModeTypeMask) == ModeBlockDevice;
        }
    }

    /// <summary>Reads length, inode and time of modification of an open file.</summary>
    public static unsafe FileIdentity Identify(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            var modified = File.GetLastWriteTimeUtc(file) - DateTime.UnixEpoch;
            return new FileIdentity(RandomAccess.GetLength(file), 0, modified.Ticks * TimeSpan.NanosecondsPerTick);
        }

        Span<byte> stat = stackalloc byte[StatxSize];
        fixed (byte* buffer = stat)
        {
            if (StatxHandle(file, "", AtEmptyPath, StatxBasicStats, buffer) < 0)
            {
                throw new IOException(Marshal.GetLastPInvokeErrorMessage());
            }
        }

        // struct statx has the same layout everywhere: stx_ino at 32, stx_size at 40, stx_mtime at 112.
        var seconds = BinaryPrimitives.ReadInt64LittleEndian(stat[112..]);
        var nanoseconds = BinaryPrimitives.ReadUInt32LittleEndian(stat[120..]);
        return new FileIdentity(
            BinaryPrimitives.ReadInt64LittleEndian(stat[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(stat[32..]),
            (seconds * 1_000_000_000) + nanoseconds);
    }

    /// <summary>The size of an open file or block device.</summary>
    public static long GetSize(SafeFileHandle file) => OperatingSystem.IsLinux() ? Seek(file, 0, SeekEnd) : RandomAccess.GetLength(file);

    /// <summary>Frees the space of a range, which then reads as zeros.</summary>
    /// <returns>False when the file system or device cannot do that.</returns>
    public static bool TryPunchHole(SafeFileHandle file, long offset, long length) =>
        OperatingSystem.IsLinux() && Fallocate(file, FallocPunchHole | FallocKeepSize, offset, length) == 0;

    private const int AtWorkingDirectory = -100;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int origin);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatxHandle(SafeFileHandle file, string path, int flags, uint mask, byte* buffer);
}
