using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Coriolis.Cli;

/// <summary>Counts the AWS calls of one session by listening to its own metric.</summary>
internal sealed class AwsCallCounter : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _calls = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    /// <param name="meters">The factory of the session; instruments of other sessions in the process are not counted.</param>
    public AwsCallCounter(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "coriolis.aws.requests" && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) => Add(count, tags));
        _listener.Start();
    }

    /// <summary>Calls so far by <c>service:Operation</c>, in alphabetical order.</summary>
    public IReadOnlyDictionary<string, long> Calls => new SortedDictionary<string, long>(_calls, StringComparer.Ordinal);

    public void Dispose() => _listener.Dispose();

    private void Add(long count, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string? service = null;
        string? method = null;
        foreach (var (key, value) in tags)
        {
            switch (key)
            {
                case "rpc.service":
                    service = value as string;
                    break;
                case "rpc.method":
                    method = value as string;
                    break;
            }
        }

        _calls.AddOrUpdate($"{service?.ToLowerInvariant()}:{method}", count, (_, sum) => sum + count);
    }
}
