namespace Coriolis.Aws.Emulator.Storage;

/// <summary>One written block of a snapshot: where its bytes are and what they hash to.</summary>
internal readonly struct SnapshotBlock(int index, int slot, BlockDigest digest)
{
    public int Index { get; } = index;

    public int Slot { get; } = slot;

    public BlockDigest Digest { get; } = digest;
}
