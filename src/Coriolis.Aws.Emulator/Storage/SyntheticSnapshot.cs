namespace Coriolis.Aws.Emulator.Storage;

/// <summary>A snapshot of a synthetic volume: the layout at that time, and no bytes.</summary>
internal sealed class SyntheticSnapshot(SnapshotIdentity identity, SyntheticLayout layout) : SnapshotContent(identity)
{
    public SyntheticLayout Layout => layout;

    public override int FindNext(int from, int end)
    {
        for (var index = from; index < end; index++)
        {
            if (layout.GetGeneration(index) != SyntheticLayout.Hole)
            {
                return index;
            }
        }

        return -1;
    }

    public override long GetVersion(int index) => layout.GetGeneration(index);

    public override BlockDigest GetDigest(int index) => SyntheticPatterns.GetDigest(layout.GetPattern(index));

    public override ValueTask ReadAsync(int index, Memory<byte> destination, CancellationToken cancellationToken)
    {
        SyntheticPatterns.GetData(layout.GetPattern(index)).CopyTo(destination);
        return ValueTask.CompletedTask;
    }

    protected override void ReleaseBlocks()
    {
    }
}
