namespace Coriolis.Worker.Protocol;

/// <summary>What to read of a device, and what to answer for each chunk of it.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record WorkerScan
{
    /// <summary>The device, as listed.</summary>
    public required WorkerDevice Device { get; init; }

    /// <summary>What to read, ascending and without overlap; each range is cut into chunks from its own start.</summary>
    /// <value>The whole device unless set.</value>
    public IReadOnlyList<WorkerRange>? Ranges { get; init; }

    /// <summary>Size of a chunk in bytes: a multiple of 512, at most 64 MiB, at most 1 MiB with <see cref="IncludeData"/>.</summary>
    /// <value>512 KiB unless set.</value>
    public int ChunkSize { get; init; } = 512 * 1024;

    /// <summary>Whether the bytes of chunks come with their digests: one pass reads, hashes and sends.</summary>
    /// <value><see langword="false"/> unless set.</value>
    public bool IncludeData { get; init; }

    /// <summary>Whether the agent may compress data; it stops trying while that does not pay.</summary>
    /// <value><see langword="false"/> unless set.</value>
    public bool AllowCompression { get; init; }

    /// <summary>How digests are computed.</summary>
    /// <value><see cref="WorkerHash.Sha256"/> unless set.</value>
    public WorkerHash Hash { get; init; } = WorkerHash.Sha256;

    /// <summary>
    /// How many bytes of results may be on their way: what the scan may hold in memory on this side, and how far the agent reads ahead.
    /// </summary>
    /// <value>8 MiB unless set.</value>
    public int WindowBytes { get; init; } = 8 * 1024 * 1024;

    internal IReadOnlyList<WorkerRange> EffectiveRanges => Ranges ?? [new WorkerRange(0, Device.SizeBytes)];
}
