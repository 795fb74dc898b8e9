using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>What reading a chunk found. Owns a buffer when the bytes were asked for and are not all zero.</summary>
internal sealed class ChunkResult(WorkerRange range) : IDisposable
{
    private Action? _release;

    public WorkerRange Range { get; } = range;

    public int Length => (int)Range.Length;

    public bool IsZero { get; set; }

    /// <summary>0, or why the chunk could not be read.</summary>
    public int ErrorNumber { get; set; }

    /// <summary>The digest, padded with zeros; meaningless for zero and unreadable chunks.</summary>
    public byte[] Digest { get; } = new byte[ProtocolLimits.DigestSize];

    public AlignedBuffer? Buffer { get; private set; }

    /// <summary>Where the chunk begins in the data part of the buffer.</summary>
    public int DataOffset { get; private set; }

    public ReadOnlyMemory<byte> Data => Buffer is { } buffer ? buffer.Slice(DataOffset, Length) : default;

    public void Attach(AlignedBuffer buffer, int dataOffset, Action release)
    {
        Buffer = buffer;
        DataOffset = dataOffset;
        _release = release;
    }

    public void Dispose()
    {
        Buffer = null;
        Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
