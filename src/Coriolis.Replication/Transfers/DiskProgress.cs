namespace Coriolis.Replication;

/// <summary>Counts what happens to a disk and reports it a few times a second.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed class DiskProgress(
    IProgress<ExecutionProgress>? progress, string diskId, long sizeBytes, TimeProvider timeProvider)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly List<long> _inFlight = [];
    private string _stage = "transfer";
    private long _next;
    private long _lastReport;
    private long _changedBytes;
    private long _zeroBytes;
    private long _transferredBytes;

    public long ChangedBytes => Volatile.Read(ref _changedBytes);

    public long ZeroBytes => Volatile.Read(ref _zeroBytes);

    public long TransferredBytes => Volatile.Read(ref _transferredBytes);

    /// <summary>Everything before this byte of the disk is dealt with in this stage.</summary>
    public long PositionBytes
    {
        get
        {
            lock (_gate)
            {
                return Position;
            }
        }
    }

    private long Position => _inFlight.Count == 0 ? _next : _inFlight.Min();

    /// <param name="stage">What begins.</param>
    /// <param name="position">Where it begins: a stage that has nothing left to go through begins at the end of the disk.</param>
    public void StartStage(string stage, long position = 0)
    {
        lock (_gate)
        {
            _stage = stage;
            _next = position;
            _inFlight.Clear();
            Report();
        }
    }

    public void Changed(long bytes) => Interlocked.Add(ref _changedBytes, bytes);

    public void Zeroed(long bytes) => Interlocked.Add(ref _zeroBytes, bytes);

    public void Transferred(long bytes) => Interlocked.Add(ref _transferredBytes, bytes);

    /// <summary>Work on a piece begins. Pieces begin in ascending order and end in any.</summary>
    public void Begin(long offset, long end)
    {
        lock (_gate)
        {
            _inFlight.Add(offset);
            _next = Math.Max(_next, end);
        }
    }

    public void End(long offset)
    {
        lock (_gate)
        {
            _inFlight.Remove(offset);
            if (timeProvider.GetElapsedTime(_lastReport) >= s_interval)
            {
                Report();
            }
        }
    }

    private void Report()
    {
        _lastReport = timeProvider.GetTimestamp();
        progress?.Report(new ExecutionProgress
        {
            Stage = _stage,
            DiskId = diskId,
            SizeBytes = sizeBytes,
            PositionBytes = Position,
            TransferredBytes = TransferredBytes,
        });
    }
}
