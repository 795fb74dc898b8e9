using System.Net;
using System.Net.Sockets;
using Amazon.EC2;
using Amazon.Runtime;
using Coriolis.Providers.Aws.Tests.Support;
using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Providers.Aws.Tests.Errors;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AwsGatewayTests : IDisposable
{
    private static readonly AwsCall s_call = new("ec2", "DescribeSnapshots");
    private static readonly string?[] s_throttledOnce = ["RequestLimitExceeded", null];

    private readonly JumpingClock _clock = new();
    private readonly PlainMeterFactory _meters = new();

    public void Dispose() => _meters.Dispose();

    [Test]
    public async Task InvokeAsync_ThrottledOnce_TriesAgainAndCountsBoth()
    {
        using var requests = new MetricCollector<long>(_meters, AwsTelemetry.MeterName, AwsTelemetry.RequestsInstrumentName);
        var gateway = CreateGateway(TimeSpan.FromMinutes(1));
        var attempts = 0;

        var result = await gateway.InvokeAsync(
            s_call, _ => ++attempts == 1 ? Fail("RequestLimitExceeded", HttpStatusCode.ServiceUnavailable) : Task.FromResult(42), CancellationToken.None);

        var counted = requests.GetMeasurementSnapshot();
        Assert.Multiple(() =>
        {
            Assert.That(result, Is.EqualTo(42));
            Assert.That(counted.Select(m => m.Tags.GetValueOrDefault("error.type")), Is.EqualTo(s_throttledOnce));
            Assert.That(counted.Select(m => m.Tags["rpc.service"]), Has.All.EqualTo("ec2"));
        });
    }

    [Test]
    public void InvokeAsync_ThrottledForEver_GivesUpWhenTheBudgetIsSpent()
    {
        var gateway = CreateGateway(TimeSpan.FromMinutes(1));
        var started = _clock.GetUtcNow();

        var error = Assert.ThrowsAsync<SourceException>(
            () => gateway.InvokeAsync(s_call, _ => Fail("RequestLimitExceeded", HttpStatusCode.ServiceUnavailable), CancellationToken.None));

        Assert.That(error!.IsTransient, Is.True);
        Assert.That(_clock.GetUtcNow() - started, Is.InRange(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90)));
    }

    [Test]
    public async Task InvokeAsync_NewResourceIsNotKnownYet_TriesAgain()
    {
        var gateway = CreateGateway(TimeSpan.FromMinutes(3));
        var attempts = 0;

        var result = await gateway.InvokeAsync(
            s_call with { NamesNew = true },
            _ => ++attempts <= 2 ? Fail("InvalidGroup.NotFound", HttpStatusCode.BadRequest) : Task.FromResult(42),
            CancellationToken.None);

        Assert.That(result, Is.EqualTo(42));
    }

    [TestCase(true, 120, 150)]
    [TestCase(false, 0, 0)]
    public void InvokeAsync_ResourceIsNeverKnown_FailsWithinItsTime(bool isNew, int least, int most)
    {
        var gateway = CreateGateway(TimeSpan.FromMinutes(3));
        var started = _clock.GetUtcNow();

        Assert.ThrowsAsync<SourceException>(() => gateway.InvokeAsync(
            s_call with { NamesNew = isNew }, _ => Fail("InvalidGroup.NotFound", HttpStatusCode.BadRequest), CancellationToken.None));

        Assert.That(_clock.GetUtcNow() - started, Is.InRange(TimeSpan.FromSeconds(least), TimeSpan.FromSeconds(most)));
    }

    [Test]
    public void InvokeAsync_CallThatMayNotBeCancelledIsNotAnswered_EndsWithItsAttempt()
    {
        var gateway = CreateGateway(TimeSpan.Zero);
        using var cancellation = new CancellationTokenSource();
        var call = s_call with { Cancellable = false, Repeatable = false };

        var invocation = gateway.InvokeAsync(
            call,
            async token =>
            {
                await cancellation.CancelAsync();
                Assert.That(token.IsCancellationRequested, Is.False);
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return 0;
            },
            cancellation.Token);
        _clock.Advance(TimeSpan.FromMinutes(10));

        Assert.CatchAsync<OperationCanceledException>(() => invocation);
    }

    [TestCase(true, 2)]
    [TestCase(false, 1)]
    public async Task InvokeAsync_ServerFault_IsRepeatedOnlyWhenThatIsSafe(bool repeatable, int expectedAttempts)
    {
        var gateway = CreateGateway(TimeSpan.FromMinutes(1));
        var attempts = 0;

        try
        {
            await gateway.InvokeAsync(
                s_call with { Repeatable = repeatable }, _ => ++attempts == 1 ? Fail("InternalError", HttpStatusCode.InternalServerError) : Task.FromResult(0), CancellationToken.None);
        }
        catch (SourceException) when (!repeatable)
        {
        }

        Assert.That(attempts, Is.EqualTo(expectedAttempts));
    }

    [Test]
    public void InvokeAsync_ClientThatRetriesItself_IsCalledOnce()
    {
        var gateway = CreateGateway(TimeSpan.Zero);
        var attempts = 0;

        Assert.ThrowsAsync<SourceException>(() => gateway.InvokeAsync(
            s_call,
            _ =>
            {
                attempts++;
                return Fail("RequestLimitExceeded", HttpStatusCode.ServiceUnavailable);
            },
            CancellationToken.None));

        Assert.That(attempts, Is.EqualTo(1));
    }

    [Test]
    public async Task InvokeAsync_NoAnswer_IsGivenUpAfterTheAttemptTimeout()
    {
        var gateway = CreateGateway(TimeSpan.Zero);
        var sent = new TaskCompletionSource();

        var call = gateway.InvokeAsync(
            s_call,
            async token =>
            {
                sent.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token);
                return 0;
            },
            CancellationToken.None);
        await sent.Task;
        _clock.Advance(TimeSpan.FromSeconds(61));
        var error = Assert.ThrowsAsync<SourceException>(() => call);

        Assert.That(error!.Message, Does.Contain("no answer within 60 s"));
    }

    [TestCase(SocketError.HostNotFound)]
    [TestCase(SocketError.ConnectionRefused)]
    public void InvokeAsync_EndpointThatNeverAnswered_IsGivenUpWithinSeconds(SocketError error)
    {
        var gateway = CreateGateway(TimeSpan.FromMinutes(5));
        var started = _clock.GetUtcNow();

        var exception = Assert.ThrowsAsync<SourceException>(() => gateway.InvokeAsync(s_call, _ => Unconnected(error), CancellationToken.None));

        Assert.That(exception!.Remedy, Does.Contain("Check the region, the network, the proxy and the endpoint."));
        Assert.That(_clock.GetUtcNow() - started, Is.LessThan(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public async Task InvokeAsync_EndpointThatAnsweredBefore_IsTriedForTheWholeBudget()
    {
        var gateway = CreateGateway(TimeSpan.FromMinutes(5));
        await gateway.InvokeAsync(s_call, _ => Task.FromResult(0), CancellationToken.None);
        var started = _clock.GetUtcNow();

        Assert.ThrowsAsync<SourceException>(() => gateway.InvokeAsync(s_call, _ => Unconnected(SocketError.ConnectionRefused), CancellationToken.None));

        Assert.That(_clock.GetUtcNow() - started, Is.GreaterThanOrEqualTo(TimeSpan.FromMinutes(5)));
    }

    [Test]
    public void InvokeAsync_Cancelled_IsNeverWrapped()
    {
        var gateway = CreateGateway(TimeSpan.FromMinutes(1));
        using var cancellation = new CancellationTokenSource();

        var call = gateway.InvokeAsync(
            s_call,
            async token =>
            {
                await cancellation.CancelAsync();
                token.ThrowIfCancellationRequested();
                return 0;
            },
            cancellation.Token);

        Assert.CatchAsync<OperationCanceledException>(() => call);
    }

    private static Task<int> Fail(string code, HttpStatusCode status) =>
        Task.FromException<int>(new AmazonEC2Exception("No.", ErrorType.Sender, code, "req-1", status));

    private static Task<int> Unconnected(SocketError error) =>
        Task.FromException<int>(new HttpRequestException(HttpRequestError.ConnectionError, "No connection.", new SocketException((int)error)));

    [Test]
    public async Task InvokeAsync_Ec2IsThrottled_SlowsDownTheOperation()
    {
        var throttle = new Ec2Throttle(_clock);
        var gateway = CreateGateway(TimeSpan.Zero, throttle);

        Assert.ThrowsAsync<SourceException>(
            () => gateway.InvokeAsync(s_call, _ => Fail("RequestLimitExceeded", HttpStatusCode.ServiceUnavailable), CancellationToken.None));
        var rate = throttle.Operation(s_call.Operation).Rate;
        var before = _clock.GetUtcNow();
        await gateway.InvokeAsync(s_call, _ => Task.FromResult(0), CancellationToken.None);

        Assert.That(rate, Is.EqualTo(8));
        Assert.That(_clock.GetUtcNow() - before, Is.EqualTo(TimeSpan.FromSeconds(0.125)).Within(TimeSpan.FromMilliseconds(1)));
    }

    [Test]
    public async Task InvokeAsync_WaitsForItsTurnLongerThanAnAttemptMayTake_IsSentAfterwards()
    {
        var clock = new FakeTimeProvider();
        var throttle = new Ec2Throttle(clock);
        var earlier = Enumerable.Range(0, 200).Select(_ => throttle.WaitAsync("RunInstances", CancellationToken.None).AsTask()).ToList();
        var gateway = new AwsGateway(
            "eu-west-1", TimeSpan.FromSeconds(60), TimeSpan.Zero, throttle, new AwsMetrics(_meters), clock, new Random(1), NullLogger.Instance);
        var call = gateway.InvokeAsync(new AwsCall("ec2", "RunInstances"), _ => Task.FromResult(42), CancellationToken.None);
        for (var second = 0; second < 130; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(await call.WaitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo(42));
        Assert.That(earlier, Has.All.Property(nameof(Task.IsCompletedSuccessfully)).True);
    }

    private AwsGateway CreateGateway(TimeSpan retryBudget, Ec2Throttle? throttle = null) => new(
        "eu-west-1", TimeSpan.FromSeconds(60), retryBudget, throttle ?? new Ec2Throttle(_clock), new AwsMetrics(_meters), _clock, new Random(1), NullLogger.Instance);
}
