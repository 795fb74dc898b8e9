using System.Diagnostics.Metrics;

namespace Coriolis.Replication;

/// <summary>The instruments of the engine.</summary>
internal sealed class ReplicationInstruments
{
    private static readonly KeyValuePair<string, object?> s_read = new("coriolis.io.direction", "read");
    private static readonly KeyValuePair<string, object?> s_write = new("coriolis.io.direction", "write");
    private static readonly KeyValuePair<string, object?> s_copied = new("coriolis.chunk.outcome", "copied");
    private static readonly KeyValuePair<string, object?> s_zero = new("coriolis.chunk.outcome", "zero");
    private static readonly KeyValuePair<string, object?> s_unchanged = new("coriolis.chunk.outcome", "unchanged");

    private readonly Histogram<double> _executionDuration;
    private readonly Histogram<double> _stageDuration;
    private readonly Counter<long> _io;
    private readonly Counter<long> _chunks;

    public ReplicationInstruments(IMeterFactory? meterFactory = null)
    {
        var options = new MeterOptions(ReplicationTelemetry.MeterName) { Version = ReplicationTelemetry.Version };
        var meter = meterFactory is null ? new Meter(options) : meterFactory.Create(options);
        _executionDuration = meter.CreateHistogram<double>("coriolis.execution.duration", "s", "Duration of executions.");
        _stageDuration = meter.CreateHistogram<double>("coriolis.stage.duration", "s", "Duration of stages of executions.");
        _io = meter.CreateCounter<long>("coriolis.transfer.io", "By", "Bytes read from sources and written to destinations.");
        _chunks = meter.CreateCounter<long>("coriolis.transfer.chunks", "{chunk}", "Chunks dealt with.");
    }

    public void ExecutionEnded(TimeSpan duration, ReplicaMode mode, Exception? error) =>
        _executionDuration.Record(
            duration.TotalSeconds, new("coriolis.replica.mode", mode == ReplicaMode.Full ? "full" : "incremental"), ErrorType(error));

    public void StageEnded(string stage, TimeSpan duration, Exception? error) =>
        _stageDuration.Record(duration.TotalSeconds, new("coriolis.stage", stage), ErrorType(error));

    public void ChunkRead(int bytes) => _io.Add(bytes, s_read);

    public void ChunkCopied(int bytes)
    {
        _io.Add(bytes, s_write);
        _chunks.Add(1, s_copied);
    }

    public void ChunksZeroed(long chunks) => _chunks.Add(chunks, s_zero);

    public void ChunksUnchanged(long chunks) => _chunks.Add(chunks, s_unchanged);

    private static KeyValuePair<string, object?> ErrorType(Exception? error) => new("error.type", error?.GetType().Name);
}
