using System.Runtime.InteropServices;

namespace Coriolis.Replication.Tests;

internal sealed class ChunkBufferPoolTests
{
    [Test]
    public async Task RentAsync_AllInUse_WaitsForAReturn()
    {
        using var pool = new ChunkBufferPool(budgetBytes: 2 * 4096, chunkSize: 4096);
        var first = await pool.RentAsync(CancellationToken.None);
        await pool.RentAsync(CancellationToken.None);

        var third = pool.RentAsync(CancellationToken.None).AsTask();
        Assert.That(third.IsCompleted, Is.False);
        pool.Return(first);

        Assert.That((await third).Equals(first), Is.True, "the buffer that was returned");
        Assert.That(pool.Rented, Is.EqualTo(2));
    }

    [Test]
    public async Task RentAsync_AnyBuffer_BeginsAtAMemoryPage()
    {
        using var pool = new ChunkBufferPool(budgetBytes: 3 * 8192, chunkSize: 8192);
        for (var i = 0; i < 3; i++)
        {
            var buffer = await pool.RentAsync(CancellationToken.None);

            Assert.That(buffer.Length, Is.EqualTo(8192));
            Assert.That(MemoryMarshal.TryGetArray<byte>(buffer, out var segment), Is.True);
            Assert.That(Marshal.UnsafeAddrOfPinnedArrayElement(segment.Array!, segment.Offset) % 4096, Is.EqualTo((nint)0));
        }
    }

    [Test]
    public async Task RentAsync_CancelledWhileWaiting_TakesNothing()
    {
        using var pool = new ChunkBufferPool(4096, 4096);
        var only = await pool.RentAsync(CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        var waiting = pool.RentAsync(cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
        pool.Return(only);
        Assert.That(pool.Rented, Is.Zero);
    }
}
