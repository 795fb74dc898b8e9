using Coriolis.Providers.Aws.Ebs;
using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Providers.Aws.Tests.Throttling;

public sealed class EbsThrottleTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task WaitAsync_RunsWithManyAndWithOneDisk_TakeTurns()
    {
        var time = new FakeTimeProvider();
        var throttle = new EbsThrottle(new EbsRates { GetSnapshotBlock = 10 }, time);
        foreach (var disk in Enumerable.Range(0, 9))
        {
            _ = throttle.Assign($"snap-{disk}", "run-1");
        }

        _ = throttle.Assign("snap-9", "run-2");
        var waits = Enumerable.Range(0, 10).SelectMany(disk => Enumerable.Range(0, 10)
            .Select(_ => (disk, Task: throttle.WaitAsync(EbsOperation.GetSnapshotBlock, $"snap-{disk}", CancellationToken.None).AsTask()))).ToList();
        for (var tick = 0; tick < 200; tick++)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
        }

        await Task.WhenAll(waits.Where(wait => wait.disk == 9).Take(9).Select(wait => wait.Task)).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(waits.Count(wait => wait.Task.IsCompleted), Is.LessThan(25));
    }

    [Test]
    public void Assign_Disposed_ForgetsTheSnapshotButNotWhoElseReadsIt()
    {
        var throttle = new EbsThrottle(new EbsRates(), _time);
        var first = throttle.Assign("snap-1", "run-1");
        var second = throttle.Assign("snap-1", "run-2");
        var other = throttle.Assign("snap-2", "run-1");

        first.Dispose();
        Assert.That(throttle.Assigned, Is.EqualTo(2));

        second.Dispose();
        other.Dispose();
        other.Dispose();
        Assert.That(throttle.Assigned, Is.Zero);
    }

    [Test]
    public void WaitAsync_OneSnapshotExhausted_OthersAreNotHeldUp()
    {
        var throttle = new EbsThrottle(new EbsRates { BlocksPerSnapshot = 1, GetSnapshotBlock = 1000 }, _time);
        _ = throttle.WaitAsync(EbsOperation.GetSnapshotBlock, "snap-1", CancellationToken.None).AsTask();

        var sameSnapshot = throttle.WaitAsync(EbsOperation.GetSnapshotBlock, "snap-1", CancellationToken.None).AsTask();
        var otherSnapshot = throttle.WaitAsync(EbsOperation.GetSnapshotBlock, "snap-2", CancellationToken.None).AsTask();

        Assert.That(sameSnapshot.IsCompleted, Is.False);
        Assert.That(otherSnapshot.IsCompletedSuccessfully, Is.True);
    }

    [Test]
    public void WaitAsync_AccountExhausted_HoldsUpAllSnapshotsButNotOtherOperations()
    {
        var throttle = new EbsThrottle(new EbsRates { BlocksPerSnapshot = 1000, GetSnapshotBlock = 1 }, _time);
        _ = throttle.WaitAsync(EbsOperation.GetSnapshotBlock, "snap-1", CancellationToken.None).AsTask();

        var read = throttle.WaitAsync(EbsOperation.GetSnapshotBlock, "snap-2", CancellationToken.None).AsTask();
        var list = throttle.WaitAsync(EbsOperation.ListSnapshotBlocks, "snap-2", CancellationToken.None).AsTask();

        Assert.That(read.IsCompleted, Is.False);
        Assert.That(list.IsCompletedSuccessfully, Is.True);
    }

    [TestCase("RESOURCE_LEVEL_THROTTLE", 400, 800)]
    [TestCase("ACCOUNT_THROTTLED", 800, 400)]
    [TestCase(null, 800, 400)]
    public void OnThrottled_Reason_LowersTheLimitThatItIsAbout(string? reason, double snapshotRate, double accountRate)
    {
        var throttle = new EbsThrottle(new EbsRates(), _time);

        throttle.OnThrottled(EbsOperation.GetSnapshotBlock, "snap-1", reason);

        Assert.That(throttle.Snapshot("snap-1").Rate, Is.EqualTo(snapshotRate));
        Assert.That(throttle.Account(EbsOperation.GetSnapshotBlock).Rate, Is.EqualTo(accountRate));
    }

    [Test]
    public void Get_SameAccountAndRegion_IsShared()
    {
        var registry = new EbsThrottleRegistry(_time);

        var first = registry.Get("111122223333", "eu-west-1", new EbsRates());

        Assert.That(registry.Get("111122223333", "eu-west-1", new EbsRates()), Is.SameAs(first));
        Assert.That(registry.Get("111122223333", "eu-west-2", new EbsRates()), Is.Not.SameAs(first));
        Assert.That(registry.Get("444455556666", "eu-west-1", new EbsRates()), Is.Not.SameAs(first));
    }
}
