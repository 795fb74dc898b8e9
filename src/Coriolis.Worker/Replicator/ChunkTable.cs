namespace Coriolis.Worker;

/// <summary>The digests of a disk's chunks, as far as they are known. One writer; readers may be concurrent.</summary>
internal sealed class ChunkTable(long sizeBytes, int chunkSize, HashKind hash)
{
    private readonly int _digestSize = ChunkHasher.SizeOf(hash);
    private readonly ChunkState[] _states = new ChunkState[(sizeBytes + chunkSize - 1) / chunkSize];
    private readonly byte[] _digests = new byte[(sizeBytes + chunkSize - 1) / chunkSize * ChunkHasher.SizeOf(hash)];

    public int Count => _states.Length;

    public int ChunkSize => chunkSize;

    public HashKind Hash => hash;

    public ChunkState StateOf(int index) => (ChunkState)Volatile.Read(ref System.Runtime.CompilerServices.Unsafe.As<ChunkState, byte>(ref _states[index]));

    public long OffsetOf(int index) => (long)index * chunkSize;

    public int LengthOf(int index) => (int)Math.Min(chunkSize, sizeBytes - OffsetOf(index));

    public ReadOnlySpan<byte> DigestOf(int index) => _digests.AsSpan(index * _digestSize, _digestSize);

    public void Set(int index, ChunkState state, ReadOnlySpan<byte> digest)
    {
        digest[.._digestSize].CopyTo(_digests.AsSpan(index * _digestSize));
        Volatile.Write(ref System.Runtime.CompilerServices.Unsafe.As<ChunkState, byte>(ref _states[index]), (byte)state);
    }

    /// <summary>Whether the earlier state is known to hold the same bytes at this place.</summary>
    public bool IsUnchanged(int index, ChunkTable? earlier) =>
        earlier is not null
        && StateOf(index) is ChunkState.Data or ChunkState.Zero
        && earlier.Hash == hash
        && earlier.ChunkSize == chunkSize
        && index < earlier.Count
        && earlier.StateOf(index) != ChunkState.Unknown
        && earlier.LengthOf(index) == LengthOf(index)
        && earlier.DigestOf(index).SequenceEqual(DigestOf(index));
}
