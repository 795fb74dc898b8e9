using System.Collections.Concurrent;

namespace Coriolis.Replication;

/// <summary>A fixed number of chunk buffers. Who wants one when all are in use waits.</summary>
/// <remarks>Thread safe. Buffers are allocated when first needed and then kept, so the steady state allocates nothing.</remarks>
internal sealed class ChunkBufferPool : IDisposable
{
    private readonly ConcurrentBag<byte[]> _free = [];
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

    public async ValueTask<byte[]> RentAsync(CancellationToken cancellationToken)
    {
        await _available.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _free.TryTake(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(ChunkSize);
    }

    public void Return(byte[] buffer)
    {
        _free.Add(buffer);
        _available.Release();
    }

    public void Dispose() => _available.Dispose();
}
