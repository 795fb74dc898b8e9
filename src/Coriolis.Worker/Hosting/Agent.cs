using System.Reflection;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>What all connections share: disks, reading threads, buffers, counters and the lease.</summary>
internal sealed class Agent : IDisposable
{
    /// <summary>32 buffers of 1 MiB: enough for one scan at full depth, half of the 64 MB that the agent may hold.</summary>
    private const int BufferCount = 32;

    // The largest data chunk, and a page more for a range that is not aligned.
    private readonly BufferPool _buffers = new(BufferCount, ProtocolLimits.MaxDataChunkSize + AlignedBuffer.PageSize);
    private readonly ReadThreads _threads = new(ChunkPipeline.ScanDepth);
    private readonly Guid _id = Guid.NewGuid();
    private readonly long _started;

    public Agent(DiskCatalog catalog, TimeSpan lease, TimeProvider timeProvider)
    {
        Catalog = catalog;
        TimeProvider = timeProvider;
        Lease = new Lease(lease, timeProvider);
        Pipeline = new ChunkPipeline(_buffers, _threads, Counters);
        _started = timeProvider.GetTimestamp();
    }

    public static string Version { get; } =
        typeof(Agent).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public DiskCatalog Catalog { get; }

    public TimeProvider TimeProvider { get; }

    public Lease Lease { get; }

    public AgentCounters Counters { get; } = new();

    public ChunkPipeline Pipeline { get; }

    public ChunkCompressor Compressor { get; } = new();

    /// <summary>Buffers that nobody holds; all of them when nothing is being read.</summary>
    public int FreeBuffers => _buffers.FreeCount;

    public static int TotalBuffers => BufferCount;

    public Welcome CreateWelcome(ProtocolFeatures offered) => new(
        ProtocolLimits.Version,
        offered & (ProtocolFeatures.Zstd | ProtocolFeatures.XxHash3),
        _id,
        Lease.Duration,
        Environment.ProcessorCount,
        Version);

    public WorkerHealth GetHealth() => new()
    {
        Uptime = TimeProvider.GetElapsedTime(_started),
        ResidentBytes = Environment.WorkingSet,
        BytesRead = Counters.BytesRead,
        ZeroBytes = Counters.ZeroBytes,
        UnreadableBytes = Counters.UnreadableBytes,
        ActiveRequests = Counters.ActiveRequests,
    };

    public void Dispose()
    {
        _threads.Dispose();
        Compressor.Dispose();
        _buffers.Dispose();
        Lease.Dispose();
    }
}
