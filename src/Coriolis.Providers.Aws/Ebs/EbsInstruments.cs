using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>The metrics of calls of the EBS direct APIs.</summary>
internal sealed class EbsInstruments
{
    private const string Service = "ebs";

    private static readonly string[] s_methods = Enum.GetNames<EbsOperation>();

    private readonly Counter<long> _requests;
    private readonly Counter<long> _io;
    private readonly Counter<long> _retries;
    private readonly Counter<double> _throttled;

    public EbsInstruments(IMeterFactory meterFactory)
    {
        var meter = meterFactory.Create(AwsTelemetry.MeterName, AwsTelemetry.Version);
        _requests = meter.CreateCounter<long>(AwsTelemetry.RequestsInstrumentName, "{request}", "Requests sent to AWS, each attempt counted.");
        _io = meter.CreateCounter<long>("coriolis.aws.io", "By", "Bytes of blocks that were read or written and verified.");
        _retries = meter.CreateCounter<long>("coriolis.aws.retries", "{retry}", "Attempts that failed and were repeated.");
        _throttled = meter.CreateCounter<double>("coriolis.aws.throttled", "s", "Time that requests waited for the client-side rate limit.");
    }

    /// <summary>Counts one request with its outcome.</summary>
    public void Requested(EbsOperation operation, string? errorType)
    {
        if (!_requests.Enabled)
        {
            return;
        }

        var tags = Tags(operation);
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        _requests.Add(1, tags);
    }

    /// <summary>Counts the bytes of a block.</summary>
    public void Transferred(EbsOperation operation, int bytes) =>
        _io.Add(bytes, new KeyValuePair<string, object?>("coriolis.io.direction", operation == EbsOperation.PutSnapshotBlock ? "write" : "read"));

    /// <summary>Counts a retry.</summary>
    public void Retried(EbsOperation operation, string errorType)
    {
        var tags = Tags(operation);
        tags.Add("error.type", errorType);
        _retries.Add(1, tags);
    }

    /// <summary>Adds time that a request waited for its turn.</summary>
    public void Throttled(EbsOperation operation, TimeSpan waited) => _throttled.Add(waited.TotalSeconds, Tags(operation));

    private static TagList Tags(EbsOperation operation) => new() { { "rpc.service", Service }, { "rpc.method", s_methods[(int)operation] } };
}
