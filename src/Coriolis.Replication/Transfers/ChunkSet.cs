namespace Coriolis.Replication;

/// <summary>A set of chunk numbers, one bit each: 4 MiB for a disk of 16 TiB. Members may be added concurrently.</summary>
internal sealed class ChunkSet(long chunkCount)
{
    private readonly long[] _bits = new long[(chunkCount + 63) / 64];

    public void Add(long chunk) => Interlocked.Or(ref _bits[chunk / 64], 1L << (int)(chunk % 64));

    public void AddFrom(long first)
    {
        for (var chunk = first; chunk < chunkCount; chunk++)
        {
            Add(chunk);
        }
    }

    public bool Contains(long chunk) => (_bits[chunk / 64] & (1L << (int)(chunk % 64))) != 0;

    public long Count() => _bits.Sum(bits => (long)long.PopCount(bits));

    /// <summary>Finds the first run of members in a range of chunks; empty at its end when there is none.</summary>
    public (long First, long End) FindRun(long first, long end)
    {
        while (first < end && !Contains(first))
        {
            // A whole word without a member is skipped at once.
            first += first % 64 == 0 && _bits[first / 64] == 0 ? Math.Min(64, end - first) : 1;
        }

        var last = first;
        while (last < end && Contains(last))
        {
            last++;
        }

        return (first, last);
    }
}
