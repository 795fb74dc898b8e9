namespace Coriolis.Aws.Emulator.Storage;

/// <summary>A snapshot whose blocks are in the pool.</summary>
internal sealed class StoredSnapshot(SnapshotIdentity identity, SnapshotBlock[] blocks, BlockPool pool) : SnapshotContent(identity)
{
    /// <summary>The written blocks, ascending by index.</summary>
    public ReadOnlyMemory<SnapshotBlock> Blocks => blocks;

    public override int FindNext(int from, int end)
    {
        var position = Search(from);
        if (position < 0)
        {
            position = ~position;
        }

        return position < blocks.Length && blocks[position].Index < end ? blocks[position].Index : -1;
    }

    public override long GetVersion(int index) => TryFind(index, out var block) ? block.Slot : Hole;

    public override BlockDigest GetDigest(int index) => Find(index).Digest;

    public override ValueTask ReadAsync(int index, Memory<byte> destination, CancellationToken cancellationToken) =>
        pool.ReadAsync(Find(index).Slot, destination, cancellationToken);

    public bool TryFind(int index, out SnapshotBlock block)
    {
        var position = Search(index);
        block = position < 0 ? default : blocks[position];
        return position >= 0;
    }

    protected override void ReleaseBlocks()
    {
        foreach (var block in blocks)
        {
            pool.Release(block.Slot);
        }
    }

    private SnapshotBlock Find(int index) => TryFind(index, out var block)
        ? block
        : throw new InvalidOperationException($"Block {index} of snapshot {Identity.SnapshotId} was not written.");

    private int Search(int index)
    {
        var (low, high) = (0, blocks.Length - 1);
        while (low <= high)
        {
            var middle = low + (high - low) / 2;
            var found = blocks[middle].Index;
            if (found == index)
            {
                return middle;
            }

            (low, high) = found < index ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
