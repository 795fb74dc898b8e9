namespace Coriolis.Replication;

/// <summary>The rate of the last half minute. Not thread safe.</summary>
internal sealed class TransferRate(TimeProvider timeProvider)
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(30);

    private readonly Queue<(long At, long Sent, long Position)> _samples = new();
    private (long At, long Sent, long Position) _last;

    /// <summary>Bytes sent per second.</summary>
    public long BytesPerSecond => Seconds is { } seconds ? (long)((_last.Sent - _samples.Peek().Sent) / seconds) : 0;

    private double? Seconds =>
        _samples.Count > 1 && timeProvider.GetElapsedTime(_samples.Peek().At, _last.At).TotalSeconds is > 0 and var seconds ? seconds : null;

    public void Add(long sent, long position)
    {
        // A stage that begins sets the position back: what was before it says nothing about it.
        if (_samples.Count > 0 && position < _last.Position)
        {
            _samples.Clear();
        }

        _last = (timeProvider.GetTimestamp(), sent, position);
        _samples.Enqueue(_last);
        while (timeProvider.GetElapsedTime(_samples.Peek().At, _last.At) > s_window)
        {
            _samples.Dequeue();
        }
    }

    /// <summary>How long a number of bytes of the disks takes, zeros and what is skipped included; null when nothing moves.</summary>
    public double? SecondsFor(long bytes) =>
        Seconds is { } seconds && _last.Position - _samples.Peek().Position is > 0 and var moved ? Math.Round(bytes * seconds / moved, 1) : null;
}
