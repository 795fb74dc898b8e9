namespace Coriolis.Worker;

/// <summary>Totals since the start. Safe for concurrent use.</summary>
internal sealed class AgentCounters
{
    private long _bytesRead;
    private long _zeroBytes;
    private long _unreadableBytes;
    private int _activeRequests;

    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public long ZeroBytes => Interlocked.Read(ref _zeroBytes);

    public long UnreadableBytes => Interlocked.Read(ref _unreadableBytes);

    public int ActiveRequests => Volatile.Read(ref _activeRequests);

    public void Count(ChunkResult result)
    {
        if (result.ErrorNumber != 0)
        {
            Interlocked.Add(ref _unreadableBytes, result.Length);
            return;
        }

        Interlocked.Add(ref _bytesRead, result.Length);
        if (result.IsZero)
        {
            Interlocked.Add(ref _zeroBytes, result.Length);
        }
    }

    public void Begin() => Interlocked.Increment(ref _activeRequests);

    public void End() => Interlocked.Decrement(ref _activeRequests);
}
