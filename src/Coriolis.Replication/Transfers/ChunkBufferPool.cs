using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Coriolis.Replication;

/// <summary>A fixed number of chunk buffers. Who wants one when all are in use waits.</summary>
/// <remarks>
/// Thread safe. Buffers are allocated when first needed and then kept, so the steady state allocates nothing. They never move and begin
/// at a multiple of a memory page, so that a writer may hand them to a disk without a copy.
/// </remarks>
internal sealed class ChunkBufferPool : IDisposable
{
    private const int Alignment = 4096;

    private readonly ConcurrentBag<Memory<byte>> _free = [];
    private readonly SemaphoreSlim _available;

    public ChunkBufferPool(long budgetBytes, int chunkSize)
    {
        ChunkSize = chunkSize;
        Capacity = (int)Math.Min(budgetBytes / chunkSize, int.MaxValue);
        _available = new SemaphoreSlim(Capacity, Capacity);
    }

    public int ChunkSize { get; }

    public int Capacity { get; }

    public int Rented => Capacity - _available.CurrentCount;

    public async ValueTask<Memory<byte>> RentAsync(CancellationToken cancellationToken)
    {
        await _available.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _free.TryTake(out var buffer) ? buffer : AllocateAligned(ChunkSize);
    }

    public void Return(Memory<byte> buffer)
    {
        _free.Add(buffer);
        _available.Release();
    }

    public void Dispose() => _available.Dispose();

    private static Memory<byte> AllocateAligned(int size)
    {
        var array = GC.AllocateUninitializedArray<byte>(size + Alignment, pinned: true);
        var skip = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) & (Alignment - 1));
        return MemoryMarshal.CreateFromPinnedArray(array, skip, size);
    }
}
