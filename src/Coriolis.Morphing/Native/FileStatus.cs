using System.Runtime.InteropServices;

namespace Coriolis.Morphing.Native;

/// <summary>struct statx, which has the same layout on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    private const int TypeMask = 0xf000;

    [FieldOffset(16)]
    public uint LinkCount;

    [FieldOffset(20)]
    public uint User;

    [FieldOffset(24)]
    public uint Group;

    [FieldOffset(28)]
    public ushort ModeAndType;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(40)]
    public ulong SizeBytes;

    [FieldOffset(112)]
    public long ModifiedSeconds;

    [FieldOffset(120)]
    public uint ModifiedNanoseconds;

    [FieldOffset(128)]
    public uint RepresentedMajor;

    [FieldOffset(132)]
    public uint RepresentedMinor;

    [FieldOffset(136)]
    public uint DeviceMajor;

    [FieldOffset(140)]
    public uint DeviceMinor;

    public readonly GuestFileKind Kind => KindOf(ModeAndType);

    public readonly UnixFileMode Mode => (UnixFileMode)(ModeAndType & 0xfff);

    public readonly bool IsCharacterDevice => (ModeAndType & TypeMask) == 0x2000;

    public static GuestFileKind KindOf(ushort modeAndType) => (modeAndType & TypeMask) switch
    {
        0x8000 => GuestFileKind.Regular,
        0x4000 => GuestFileKind.Directory,
        0xa000 => GuestFileKind.SymbolicLink,
        _ => GuestFileKind.Special,
    };

    public readonly TimeSpec Modified => new(ModifiedSeconds, ModifiedNanoseconds);
}
