namespace Coriolis.Worker.Protocol;

/// <summary>
/// Follows the results of a scan through its ranges: each chunk must be reported once, in order. Knows what is still missing, which is
/// what a scan resumes with after a lost connection.
/// </summary>
internal sealed class ScanCursor(IReadOnlyList<WorkerRange> ranges, int chunkSize)
{
    private int _index;
    private long _position = ranges.Count > 0 ? ranges[0].Offset : 0;

    public bool IsAtEnd => _index == ranges.Count;

    public IReadOnlyList<WorkerRange> Remaining
    {
        get
        {
            if (IsAtEnd)
            {
                return [];
            }

            var remaining = ranges.Skip(_index).ToList();
            remaining[0] = new WorkerRange(_position, remaining[0].End - _position);
            return remaining;
        }
    }

    /// <summary>Checks a run and moves behind it; returns the number of its chunks.</summary>
    public int Advance(WorkerRange run)
    {
        if (IsAtEnd || run.Offset != _position || run.Length == 0 || run.End > ranges[_index].End)
        {
            throw new WorkerProtocolException($"The agent reports {run.Length} bytes at {run.Offset} where {Expected()} is due.");
        }

        var isRangeEnd = run.End == ranges[_index].End;
        if (!isRangeEnd && run.Length % chunkSize != 0)
        {
            throw new WorkerProtocolException($"The agent reports {run.Length} bytes at {run.Offset}, which ends inside a chunk.");
        }

        _position = run.End;
        if (isRangeEnd)
        {
            _index++;
            _position = IsAtEnd ? run.End : ranges[_index].Offset;
        }

        return checked((int)((run.Length + chunkSize - 1) / chunkSize));
    }

    private string Expected() => IsAtEnd ? "nothing" : $"a run at {_position} up to {ranges[_index].End}";
}
