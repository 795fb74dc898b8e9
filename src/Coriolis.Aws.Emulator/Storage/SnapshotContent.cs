namespace Coriolis.Aws.Emulator.Storage;

/// <summary>
/// The blocks of a complete snapshot. Immutable; leased while it is read, so that a snapshot deleted meanwhile keeps its bytes
/// until the last reader is done.
/// </summary>
internal abstract class SnapshotContent(SnapshotIdentity identity) : IDisposable
{
    /// <summary>The version of a block that was not written.</summary>
    public const long Hole = long.MinValue;

    // The store's own reference is the first.
    private int _leases = 1;

    public SnapshotIdentity Identity { get; } = identity;

    public int BlockCount => (int)((Identity.VolumeSizeBytes + BlockStore.BlockSize - 1) / BlockStore.BlockSize);

    /// <summary>Returns the first written block in [from, end), or -1.</summary>
    public abstract int FindNext(int from, int end);

    /// <summary>Identifies a block's write within the lineage: equal versions are equal bytes.</summary>
    public abstract long GetVersion(int index);

    public abstract BlockDigest GetDigest(int index);

    public abstract ValueTask ReadAsync(int index, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>Returns the first block in [from, end) that was written or emptied between <paramref name="first"/> and this snapshot, or -1.</summary>
    public int FindNextChange(SnapshotContent first, int from, int end)
    {
        for (var index = from; index < end; index++)
        {
            var here = FindNext(index, end);
            var there = first.FindNext(index, end);
            if (here < 0 && there < 0)
            {
                return -1;
            }

            index = here < 0 || there < 0 ? Math.Max(here, there) : Math.Min(here, there);
            if (GetVersion(index) != first.GetVersion(index))
            {
                return index;
            }
        }

        return -1;
    }

    public bool TryLease()
    {
        var leases = Volatile.Read(ref _leases);
        while (leases > 0)
        {
            var seen = Interlocked.CompareExchange(ref _leases, leases + 1, leases);
            if (seen == leases)
            {
                return true;
            }

            leases = seen;
        }

        return false;
    }

    /// <summary>Gives back one lease.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _leases) == 0)
        {
            ReleaseBlocks();
        }
    }

    protected abstract void ReleaseBlocks();
}
