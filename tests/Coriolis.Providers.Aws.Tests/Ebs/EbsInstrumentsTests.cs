using System.Net;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Providers.Aws.Tests.Ebs;

public sealed class EbsInstrumentsTests
{
    [Test]
    public async Task Requests_OneFailsOneSucceeds_CountsEachAttemptWithItsOutcome()
    {
        using var fixture = new EbsFixture();
        using var requests = new MetricCollector<long>(fixture.MeterFactory, AwsTelemetry.MeterName, AwsTelemetry.RequestsInstrumentName);
        using var retries = new MetricCollector<long>(fixture.MeterFactory, AwsTelemetry.MeterName, "coriolis.aws.retries");
        using var io = new MetricCollector<long>(fixture.MeterFactory, AwsTelemetry.MeterName, "coriolis.aws.io");
        var attempt = 0;
        fixture.Service.Intercept = (_, _) => Task.FromResult<HttpResponseMessage?>(
            attempt++ == 0 ? InMemoryEbs.Error(HttpStatusCode.InternalServerError, "InternalServerException") : fixture.Service.Block(1));

        await fixture.Client.GetSnapshotBlockAsync("snap-1", 1, "dG9rZW4=", new byte[512 * 1024], default, CancellationToken.None);

        var counted = requests.GetMeasurementSnapshot();
        Assert.That(counted.Select(measurement => measurement.Tags["rpc.method"]).ToList(), Has.Count.EqualTo(2).And.All.EqualTo("GetSnapshotBlock"));
        Assert.That(counted.Select(measurement => measurement.Tags["rpc.service"]), Is.All.EqualTo("ebs"));
        Assert.That(counted[0].Tags["error.type"], Is.EqualTo("InternalServerException"));
        Assert.That(counted[1].Tags.ContainsKey("error.type"), Is.False);
        Assert.That(retries.GetMeasurementSnapshot().Single().Value, Is.EqualTo(1));
        Assert.That(io.GetMeasurementSnapshot().Single().Value, Is.EqualTo(512 * 1024));
    }

    [Test]
    public async Task Throttled_RateExhausted_AddsTheTimeWaited()
    {
        using var fixture = new EbsFixture(new() { Rates = new() { GetSnapshotBlock = 1 } }, time: new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(100)));
        using var throttled = new MetricCollector<double>(fixture.MeterFactory, AwsTelemetry.MeterName, "coriolis.aws.throttled");
        fixture.Service.Intercept = (_, _) => Task.FromResult<HttpResponseMessage?>(fixture.Service.Block(1));
        Task<ChunkDigest> Read() => fixture.Client.GetSnapshotBlockAsync("snap-1", 1, "dG9rZW4=", new byte[512 * 1024], default, CancellationToken.None).AsTask();
        await Read();

        var second = Read();
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await second;

        Assert.That(throttled.GetMeasurementSnapshot().Single().Value, Is.EqualTo(1).Within(0.01));
    }
}
