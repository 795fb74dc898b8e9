using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Worker;

/// <summary>What the class library has no call for: direct I/O with error numbers, advice on memory and the page cache, device numbers, native variables.</summary>
internal static partial class Libc
{
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InvalidArgument = 22;

    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;
    private const int SeekEnd = 2;
    private const int AdviseDontNeed = 4;
    private const int AdviseHugePage = 14;
    private const int CurrentDirectory = -100;
    private const uint StatxType = 1;
    private const int StatxSize = 256;
    private const int TypeMask = 0xF000;
    private const int BlockDevice = 0x6000;

    // O_DIRECT is one of the few flags that differ between architectures.
    private static readonly int s_direct = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;

    /// <summary>Opens for reading; on failure the handle is invalid and <paramref name="errorNumber"/> says why.</summary>
    public static SafeFileHandle Open(string path, bool direct, out int errorNumber)
    {
        var descriptor = OpenFile(path, ReadOnly | CloseOnExec | (direct ? s_direct : 0));
        errorNumber = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Reads at an offset; fewer bytes than asked for, or -1 with the error number.</summary>
    public static unsafe int Read(SafeFileHandle file, Span<byte> destination, long offset, out int errorNumber)
    {
        fixed (byte* pointer = destination)
        {
            while (true)
            {
                var read = PRead(file, pointer, (nuint)destination.Length, offset);
                errorNumber = read < 0 ? Marshal.GetLastPInvokeError() : 0;
                if (errorNumber != Interrupted)
                {
                    return (int)read;
                }
            }
        }
    }

    /// <summary>The size of a file or block device in bytes; -1 when it cannot be told.</summary>
    public static long GetSize(SafeFileHandle file) => Seek(file, 0, SeekEnd);

    public static void DropFromCache(SafeFileHandle file, long offset, long length) => _ = Advise(file, offset, length, AdviseDontNeed);

    /// <summary>Only advice: a kernel without huge pages, or out of them, takes small ones.</summary>
    public static unsafe void PreferHugePages(byte* memory, nuint length) => _ = AdviseMemory(memory, length, AdviseHugePage);

    /// <summary>The device number of a block device node; <see langword="null"/> for anything else.</summary>
    public static unsafe (uint Major, uint Minor)? GetBlockDevice(string path)
    {
        var stat = stackalloc byte[StatxSize];
        if (Statx(CurrentDirectory, path, 0, StatxType, stat) != 0)
        {
            return null;
        }

        var fields = new ReadOnlySpan<byte>(stat, StatxSize);
        var mode = BinaryPrimitives.ReadUInt16LittleEndian(fields[28..]);
        return (mode & TypeMask) == BlockDevice
            ? (BinaryPrimitives.ReadUInt32LittleEndian(fields[128..]), BinaryPrimitives.ReadUInt32LittleEndian(fields[132..]))
            : null;
    }

    /// <summary>Sets a variable for the libraries of this process; the class library's own call reaches only .NET and child processes.</summary>
    public static void SetEnvironmentVariable(string name, string value) => _ = SetVariable(name, value, overwrite: 1);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static unsafe partial nint PRead(SafeFileHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static unsafe partial int AdviseMemory(byte* memory, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int directory, string path, int flags, uint mask, byte* buffer);
}
