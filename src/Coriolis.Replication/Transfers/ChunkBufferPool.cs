using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Coriolis.Replication;

/// <summary>A fixed number of chunk buffers. Who wants one when all are in use waits.</summary>
/// <remarks>
/// Thread safe. Buffers are allocated when first needed, several at a time, and then kept, so the steady state allocates nothing. They never
/// move and begin at a multiple of a memory page, so that a writer may hand them to a disk without a copy.
/// </remarks>
internal sealed class ChunkBufferPool : IDisposable
{
    private const int PageSize = 4096;

    // Enough of them that what is lost before the first huge page does not count.
    private const int SlabSize = 4 * HugePages.Size;

    private readonly ConcurrentBag<Memory<byte>> _free = [];
    private readonly SemaphoreSlim _available;
    private readonly Lock _allocating = new();
    private int _allocated;

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
        return _free.TryTake(out var buffer) ? buffer : TakeNew();
    }

    public void Return(Memory<byte> buffer)
    {
        _free.Add(buffer);
        _available.Release();
    }

    public void Dispose() => _available.Dispose();

    private Memory<byte> TakeNew()
    {
        lock (_allocating)
        {
            if (_free.TryTake(out var buffer))
            {
                return buffer;
            }

            var count = Math.Max(1, Math.Min(SlabSize / ChunkSize, Capacity - _allocated));
            var slab = AllocateAligned(count * ChunkSize);
            _allocated += count;
            for (var i = 1; i < count; i++)
            {
                _free.Add(slab.Slice(i * ChunkSize, ChunkSize));
            }

            return slab[..ChunkSize];
        }
    }

    private static Memory<byte> AllocateAligned(int size)
    {
        var alignment = size < HugePages.Size ? PageSize : HugePages.Size;
        var array = GC.AllocateUninitializedArray<byte>(size + alignment, pinned: true);
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        var skip = (int)(-address & (alignment - 1));
        HugePages.Prefer(address + skip, size);
        return MemoryMarshal.CreateFromPinnedArray(array, skip, size);
    }
}
