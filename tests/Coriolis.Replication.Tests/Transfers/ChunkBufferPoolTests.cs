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

        Assert.That(await third, Is.SameAs(first));
        Assert.That(pool.Rented, Is.EqualTo(2));
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
