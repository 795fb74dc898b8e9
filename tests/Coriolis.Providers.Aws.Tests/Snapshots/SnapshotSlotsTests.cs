namespace Coriolis.Providers.Aws.Tests.Snapshots;

public sealed class SnapshotSlotsTests
{
    [Test]
    public async Task AcquireAsync_NoSlotsLeft_WaitsUntilSomeAreGivenBack()
    {
        using var slots = new SnapshotSlots();
        var first = await slots.AcquireAsync("1", "eu-west-1", 3, 4, CancellationToken.None);

        var second = slots.AcquireAsync("1", "eu-west-1", 2, 4, CancellationToken.None);
        var waited = !second.IsCompleted;
        first.Dispose();
        using var lease = await second;

        Assert.That(waited, Is.True);
    }

    [Test]
    public async Task AcquireAsync_OtherRegion_HasSlotsOfItsOwn()
    {
        using var slots = new SnapshotSlots();
        using var first = await slots.AcquireAsync("1", "eu-west-1", 4, 4, CancellationToken.None);

        var other = slots.AcquireAsync("1", "us-east-1", 4, 4, CancellationToken.None);

        Assert.That(other.IsCompletedSuccessfully, Is.True);
        (await other).Dispose();
    }

    [Test]
    public async Task AcquireAsync_MoreThanThereAre_TakesAllOfThem()
    {
        using var slots = new SnapshotSlots();

        using var lease = await slots.AcquireAsync("1", "eu-west-1", 40, 4, CancellationToken.None);

        Assert.That(slots.AcquireAsync("1", "eu-west-1", 1, 4, new CancellationToken(canceled: true)).IsCanceled, Is.True);
    }

    [Test]
    public async Task AcquireAsync_CancelledHalfway_GivesBackWhatItHad()
    {
        using var slots = new SnapshotSlots();
        using var cancellation = new CancellationTokenSource();
        var first = await slots.AcquireAsync("1", "eu-west-1", 2, 4, CancellationToken.None);
        var second = slots.AcquireAsync("1", "eu-west-1", 4, 4, cancellation.Token);

        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => second);
        first.Dispose();

        Assert.That(slots.AcquireAsync("1", "eu-west-1", 4, 4, CancellationToken.None).IsCompletedSuccessfully, Is.True);
    }
}
