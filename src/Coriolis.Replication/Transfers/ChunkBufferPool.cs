using System.Collections.Concurrent;

namespace Coriolis.Replication;

/// <summary>A fixed number of chunk buffers. Who wants one when all are in use waits.</summary>
/// <remarks>
/// Thread safe. Buffers are allocated when first needed, as many at once as a huge page holds, and then kept, so the steady state allocates nothing. They
/// never move and begin at a multiple of a memory page, so that a writer may hand them to a disk without a copy.
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
        return _free.TryTake(out var buffer) ? buffer : Allocate();
    }

    public void Return(Memory<byte> buffer)
    {
        _free.Add(buffer);
        _available.Release();
    }

    public void Dispose() => _available.Dispose();

    private Memory<byte> Allocate()
    {
        var stride = checked(ChunkSize + Alignment - 1) & -Alignment;
        var count = Math.Clamp(HugePages.PageSize / stride, 1, Capacity);
        var memory = new HugePages(count * stride).Memory;
        for (var i = 1; i < count; i++)
        {
            _free.Add(memory.Slice(i * stride, ChunkSize));
        }

        return memory[..ChunkSize];
    }
}
