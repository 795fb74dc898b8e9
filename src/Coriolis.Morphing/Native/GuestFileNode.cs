using Coriolis.Storage;

namespace Coriolis.Morphing.Native;

/// <summary>What Linux says about a file, in the words of the contracts.</summary>
internal static class GuestFileNode
{
    extension(FileNode node)
    {
        public GuestFileKind Kind => KindOf(node.ModeAndType);

        public TimeSpec Modified => new(node.ModifiedSeconds, node.ModifiedNanoseconds);
    }

    public static GuestFileKind KindOf(ushort modeAndType) => (modeAndType & 0xf000) switch
    {
        0x8000 => GuestFileKind.Regular,
        0x4000 => GuestFileKind.Directory,
        0xa000 => GuestFileKind.SymbolicLink,
        _ => GuestFileKind.Special,
    };
}
