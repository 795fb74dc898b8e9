using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>What a scan has seen so far, in bytes.</summary>
internal sealed class ScanTotals
{
    private long _read;
    private long _zero;
    private long _unreadable;

    public void Count(ChunkResult chunk)
    {
        if (chunk.ErrorNumber != 0)
        {
            _unreadable += chunk.Length;
            return;
        }

        _read += chunk.Length;
        _zero += chunk.IsZero ? chunk.Length : 0;
    }

    public ScanCompleted ToCompleted(bool cancelled) => new(cancelled, _read, _zero, _unreadable);
}
