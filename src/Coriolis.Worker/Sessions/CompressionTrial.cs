namespace Coriolis.Worker;

/// <summary>
/// Whether it pays at present to compress what is read of a disk: after a chunk that hardly shrank ever more chunks are left out before the next is
/// tried. It outlives a scan, because a controller asks for one chunk at a time. Thread-safe.
/// </summary>
internal sealed class CompressionTrial
{
    private const int MaxPause = 64;

    private readonly Lock _lock = new();
    private int _pause;
    private int _pauseLeft;

    public bool IsDue()
    {
        lock (_lock)
        {
            if (_pauseLeft == 0)
            {
                return true;
            }

            _pauseLeft--;
            return false;
        }
    }

    /// <summary>Takes note of how an attempt ended.</summary>
    public void End(bool paid)
    {
        lock (_lock)
        {
            _pause = paid ? 0 : Math.Min(MaxPause, (_pause * 2) + 1);
            _pauseLeft = _pause;
        }
    }
}
