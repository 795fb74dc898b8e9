using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Coriolis.Providers.Aws;

/// <summary>The instruments of this library.</summary>
internal sealed class AwsMetrics
{
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _snapshotDuration;

    public AwsMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(new MeterOptions(AwsTelemetry.MeterName) { Version = AwsTelemetry.Version });
        _requests = meter.CreateCounter<long>(AwsTelemetry.RequestsInstrumentName, "{request}", "Attempts at AWS calls.");
        _snapshotDuration = meter.CreateHistogram<double>(
            "coriolis.snapshot.duration", "s", "Time from the creation of a snapshot set to its completion.");
    }

    /// <summary>Counts one attempt at a call.</summary>
    public void RequestSent(string service, string operation, string? errorType)
    {
        if (!_requests.Enabled)
        {
            return;
        }

        var tags = new TagList { { "rpc.service", service }, { "rpc.method", operation } };
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        _requests.Add(1, tags);
    }

    public void SnapshotsCompleted(TimeSpan duration, string region, string? errorType)
    {
        var tags = new TagList { { "cloud.region", region } };
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        _snapshotDuration.Record(duration.TotalSeconds, tags);
    }
}
