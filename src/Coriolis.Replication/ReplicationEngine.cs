using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Coriolis.Replication;

/// <summary>What all executions of a process share: options, memory, clock, logs and instruments.</summary>
internal sealed class ReplicationEngine(
    IOptions<ReplicationOptions> options,
    ReplicationInstruments instruments,
    TimeProvider timeProvider,
    ILoggerFactory? loggerFactory = null) : IDisposable
{
    public ReplicationOptions Options { get; } = options.Value;

    public ReplicationInstruments Instruments { get; } = instruments;

    public TimeProvider TimeProvider { get; } = timeProvider;

    public ILogger Logger { get; } = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Coriolis.Replication");

    public ChunkBufferPool Buffers { get; } = new(options.Value.MemoryBudgetBytes, options.Value.ChunkSize);

    public void Dispose() => Buffers.Dispose();
}
