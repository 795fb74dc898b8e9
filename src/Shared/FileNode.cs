using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Storage;

/// <summary>What Linux says about a name or an open file: struct statx, which has the same layout on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal partial struct FileNode
{
    private const int AtWorkingDirectory = -100;
    private const int AtSymbolicLinkNoFollow = 0x100;
    private const int AtEmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;
    private const int TypeMask = 0xF000;

    [FieldOffset(20)]
    public uint User;

    [FieldOffset(24)]
    public uint Group;

    [FieldOffset(28)]
    public ushort ModeAndType;

    [FieldOffset(32)]
    public long Inode;

    [FieldOffset(40)]
    public long Length;

    [FieldOffset(112)]
    public long ModifiedSeconds;

    [FieldOffset(120)]
    public uint ModifiedNanoseconds;

    [FieldOffset(128)]
    public uint RepresentedMajor;

    [FieldOffset(132)]
    public uint RepresentedMinor;

    [FieldOffset(136)]
    public ulong Device;

    public readonly bool IsRegularFile => (ModeAndType & TypeMask) == 0x8000;

    public readonly bool IsBlockDevice => (ModeAndType & TypeMask) == 0x6000;

    public readonly bool IsCharacterDevice => (ModeAndType & TypeMask) == 0x2000;

    public readonly bool IsWritableByOthers => (Mode & UnixFileMode.OtherWrite) != 0;

    public readonly UnixFileMode Mode => (UnixFileMode)(ModeAndType & 0xfff);

    /// <summary>What is under a name, following links or not; <see langword="null"/> when there is nothing that this user can see.</summary>
    public static FileNode? Find(string path, bool followLink) =>
        StatxPath(AtWorkingDirectory, path, followLink ? 0 : AtSymbolicLinkNoFollow, BasicStats, out var node) == 0 ? node : null;

    /// <summary>What is under a name in an open directory, without following it; with an empty name, what is open itself.</summary>
    /// <returns><see langword="false"/> when the system does not say; its error is the last one of the platform.</returns>
    public static bool TryFind(int directory, string name, out FileNode node) =>
        StatxPath(directory, name, AtSymbolicLinkNoFollow | AtEmptyPath, BasicStats, out node) == 0;

    /// <summary>What an open file is.</summary>
    /// <exception cref="IOException">The system does not say.</exception>
    public static FileNode Of(SafeFileHandle file) =>
        StatxHandle(file, "", AtEmptyPath, BasicStats, out var node) == 0 ? node : throw new IOException(Marshal.GetLastPInvokeErrorMessage());

    public readonly bool IsSameAs(FileNode other) => (Device, Inode) == (other.Device, other.Inode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxPath(int directory, string path, int flags, uint mask, out FileNode node);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxHandle(SafeFileHandle file, string path, int flags, uint mask, out FileNode node);
}
