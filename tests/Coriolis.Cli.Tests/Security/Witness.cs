using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace Coriolis.Cli.Tests;

/// <summary>Takes down everything that this process tells about itself: logs of every level, activities, tags of metrics, exceptions.</summary>
internal sealed class Witness : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly ActivityListener _activities;
    private readonly MeterListener _metrics = new();

    public Witness()
    {
        _activities = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Hear,
        };
        ActivitySource.AddActivityListener(_activities);
        _metrics.InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _metrics.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Hear(instrument, tags));
        _metrics.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Hear(instrument, tags));
        _metrics.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Hear(instrument, tags));
        _metrics.Start();
        AppDomain.CurrentDomain.FirstChanceException += Hear;
    }

    /// <summary>Everything that was heard so far, each piece once.</summary>
    public string Text => string.Join("\n", _heard.Distinct());

    public int CountOf(string kind) => _heard.Count(piece => piece.StartsWith(kind, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        AppDomain.CurrentDomain.FirstChanceException -= Hear;
        _activities.Dispose();
        _metrics.Dispose();
    }

    private static string Join(IEnumerable<KeyValuePair<string, object?>> tags) => string.Join(" ", tags.Select(tag => $"{tag.Key}={tag.Value}"));

    private void Hear(Activity activity)
    {
        var events = activity.Events.Select(item => $"{item.Name} {Join(item.Tags)}");
        _heard.Enqueue($"activity {activity.DisplayName} {Join(activity.TagObjects)} {Join(activity.Baggage.Select(item => new KeyValuePair<string, object?>(item.Key, item.Value)))} "
            + $"{activity.StatusDescription} {string.Join(" ", events)}");
    }

    private void Hear(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _heard.Enqueue($"metric {instrument.Meter.Name} {instrument.Name} {Join(tags.ToArray())}");

    // Only ours: what the SDK throws inside itself leaves the library in an exception of ours, or not at all.
    private void Hear(object? sender, FirstChanceExceptionEventArgs e)
    {
        if (e.Exception.GetType().FullName is { } name && name.StartsWith("Coriolis.", StringComparison.Ordinal)
            && !name.StartsWith("Coriolis.Aws.Emulator", StringComparison.Ordinal))
        {
            _heard.Enqueue($"exception {e.Exception}");
        }
    }

    private sealed class Logger(Witness witness, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            witness._heard.Enqueue($"scope {category} {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? Join(pairs) : "";
            witness._heard.Enqueue($"log {logLevel} {category} {formatter(state, exception)} {values} {exception}");
        }
    }
}
