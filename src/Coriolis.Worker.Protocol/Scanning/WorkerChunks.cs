namespace Coriolis.Worker.Protocol;

/// <summary>A run of consecutive chunks, as a scan reports it.</summary>
/// <remarks>
/// Thread safety: read-only. <see cref="Digests"/> and <see cref="Data"/> are borrowed: they hold until the enumerator moves on.
/// </remarks>
public sealed class WorkerChunks
{
    internal WorkerChunks(WorkerChunksKind kind, WorkerRange range)
    {
        Kind = kind;
        Range = range;
    }

    /// <summary>What is known.</summary>
    public WorkerChunksKind Kind { get; }

    /// <summary>The bytes that the run covers.</summary>
    public WorkerRange Range { get; }

    /// <summary>32 bytes for each chunk of the run; empty unless the kind is digests or data.</summary>
    public ReadOnlyMemory<byte> Digests { get; internal init; }

    /// <summary>The bytes; empty unless the kind is data.</summary>
    public ReadOnlyMemory<byte> Data { get; internal init; }

    /// <summary>The <c>errno</c> of the worker's kernel when the kind is unreadable, otherwise 0.</summary>
    public int ErrorNumber { get; internal init; }
}
