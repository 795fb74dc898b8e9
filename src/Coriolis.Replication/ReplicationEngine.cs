using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<int, ChunkBufferPool> _otherBuffers = new();

    public ReplicationOptions Options { get; } = options.Value;

    public ReplicationInstruments Instruments { get; } = instruments;

    public TimeProvider TimeProvider { get; } = timeProvider;

    public ILogger Logger { get; } = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Coriolis.Replication");

    public ChunkBufferPool Buffers { get; } = new(options.Value.MemoryBudgetBytes, options.Value.ChunkSize);

    /// <summary>The buffers for chunks of a size, which manifests may have from a time when another was configured: a budget per size.</summary>
    public ChunkBufferPool BuffersFor(int chunkSize) => chunkSize == Buffers.ChunkSize
        ? Buffers
        : _otherBuffers.GetOrAdd(chunkSize, size => new ChunkBufferPool(Math.Max(Options.MemoryBudgetBytes, size), size));

    public void Dispose()
    {
        Buffers.Dispose();
        foreach (var buffers in _otherBuffers.Values)
        {
            buffers.Dispose();
        }
    }
}
