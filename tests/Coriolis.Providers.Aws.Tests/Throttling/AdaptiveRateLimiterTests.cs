using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Providers.Aws.Tests.Throttling;

public sealed class AdaptiveRateLimiterTests
{
    // Only ends a test that would hang.
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();

    [Test]
    public void WaitAsync_WithinTheBurst_CompletesAtOnceWithoutAllocation()
    {
        var limiter = new AdaptiveRateLimiter(10_000, _time);
        Take(limiter, 10);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var completed = Take(limiter, 900);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(completed, Is.EqualTo(900));
        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public async Task WaitAsync_SustainedDemand_GrantsTheRate()
    {
        var limiter = new AdaptiveRateLimiter(100, _time);
        var waits = Enumerable.Range(0, 1000).Select(_ => limiter.WaitAsync("run-1", CancellationToken.None).AsTask()).ToList();

        Advance(TimeSpan.FromSeconds(5));

        await Task.WhenAll(waits.Take(500)).WaitAsync(s_hang);
        Assert.That(waits.Skip(511).Any(wait => wait.IsCompleted), Is.False);
    }

    [Test]
    public async Task WaitAsync_ManyOfOneRunAndFewOfAnother_TakeTurns()
    {
        var limiter = new AdaptiveRateLimiter(10, _time);
        var many = Enumerable.Range(0, 100).Select(_ => limiter.WaitAsync("run-1", CancellationToken.None).AsTask()).ToList();
        var few = Enumerable.Range(0, 5).Select(_ => limiter.WaitAsync("run-2", CancellationToken.None).AsTask()).ToList();

        Advance(TimeSpan.FromSeconds(1));

        await Task.WhenAll(few).WaitAsync(s_hang);
        Assert.That(many.Count(wait => wait.IsCompleted), Is.InRange(5, 7));
    }

    [Test]
    public async Task WaitAsync_SeveralWaiters_AreServedInOrder()
    {
        var limiter = new AdaptiveRateLimiter(10, _time);
        var waits = Enumerable.Range(0, 30).Select(_ => limiter.WaitAsync("run-1", CancellationToken.None).AsTask()).ToList();

        Advance(TimeSpan.FromSeconds(1));

        await Task.WhenAll(waits.Take(10)).WaitAsync(s_hang);
        Assert.That(waits.Skip(11).Any(wait => wait.IsCompleted), Is.False);
    }

    [Test]
    public async Task WaitAsync_CancelledWaiter_LeavesTheLineWithoutTakingAPermit()
    {
        var limiter = new AdaptiveRateLimiter(1, _time);
        Take(limiter, 1);
        using var cancellation = new CancellationTokenSource();
        var first = limiter.WaitAsync("run-1", cancellation.Token).AsTask();
        var second = limiter.WaitAsync("run-1", CancellationToken.None).AsTask();

        await cancellation.CancelAsync();

        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        Advance(TimeSpan.FromSeconds(1));
        await second.WaitAsync(s_hang);
    }

    [Test]
    public void OnThrottled_SeveralAtOnce_HalvesOnce()
    {
        var limiter = new AdaptiveRateLimiter(100, _time);

        for (var i = 0; i < 20; i++)
        {
            limiter.OnThrottled();
        }

        Assert.That(limiter.Rate, Is.EqualTo(50));
    }

    [Test]
    public void OnThrottled_AgainAndAgain_NeverStops()
    {
        var limiter = new AdaptiveRateLimiter(100, _time);

        for (var i = 0; i < 100; i++)
        {
            limiter.OnThrottled();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(limiter.Rate, Is.InRange(1, 10));
        Assert.That(limiter.WaitAsync("run-1", CancellationToken.None).AsTask().IsCompleted, Is.True);
    }

    [Test]
    public void Rate_AfterThrottling_RecoversSteadilyToTheFullRate()
    {
        var limiter = new AdaptiveRateLimiter(100, _time);
        limiter.OnThrottled();

        Advance(TimeSpan.FromSeconds(10));
        var halfway = limiter.Rate;
        Advance(TimeSpan.FromSeconds(11));

        Assert.That(halfway, Is.EqualTo(75).Within(1));
        Assert.That(limiter.Rate, Is.EqualTo(100));
    }

    [Test]
    public void WaitAsync_CancelledBefore_TakesNothing()
    {
        var limiter = new AdaptiveRateLimiter(1, _time);

        var wait = limiter.WaitAsync("run-1", new CancellationToken(canceled: true)).AsTask();

        Assert.That(wait.IsCanceled, Is.True);
        Assert.That(limiter.WaitAsync("run-1", CancellationToken.None).AsTask().IsCompletedSuccessfully, Is.True);
    }

    private static int Take(AdaptiveRateLimiter limiter, int count)
    {
        var completed = 0;
        for (var i = 0; i < count; i++)
        {
            completed += limiter.WaitAsync("run-1", CancellationToken.None).AsTask().IsCompletedSuccessfully ? 1 : 0;
        }

        return completed;
    }

    private void Advance(TimeSpan time)
    {
        // In steps of a timer's resolution: one large step would fire the timer once.
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(10))
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }
    }
}
