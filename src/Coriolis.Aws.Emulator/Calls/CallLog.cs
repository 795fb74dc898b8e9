using System.Text.Json;
using Coriolis.Aws.Emulator.Calls;

namespace Coriolis.Aws.Emulator;

/// <summary>
/// The calls that an emulator has received: the latest in memory, all of them as JSON lines in <c>calls.jsonl</c> of the data directory.
/// </summary>
/// <remarks>Thread safety: all members may be called at any time.</remarks>
public sealed class CallLog
{
    // About 10 MB: enough for any assertion of a test, and a disk of 16 TiB does not fill the memory.
    private const int Capacity = 20_000;

    private readonly Lock _gate = new();
    private readonly Queue<RecordedCall> _latest = new();
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly List<Waiter> _waiters = [];
    private FileStream? _file;

    internal CallLog(string? path) =>
        _file = path is null ? null : new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>Returns the latest calls, at most 20,000, oldest first.</summary>
    /// <returns>A copy that does not change.</returns>
    public IReadOnlyList<RecordedCall> GetLatest()
    {
        lock (_gate)
        {
            return [.. _latest];
        }
    }

    /// <summary>Returns how often each operation was called since the start or the last <see cref="Clear"/>, failed calls included.</summary>
    /// <returns>Counts by <c>service:Operation</c>.</returns>
    public IReadOnlyDictionary<string, long> GetCounts()
    {
        lock (_gate)
        {
            return new SortedDictionary<string, long>(_counts, StringComparer.Ordinal);
        }
    }

    /// <summary>Waits for a call: a barrier for tests that act while another call is under way.</summary>
    /// <remarks>A call is in the log as soon as it was understood, before a fault delays its answer.</remarks>
    /// <param name="condition">What the call must be like; called under a lock, so it must be short and must not use the log.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The first matching call: one of the latest that are in memory, or the next one that comes.</returns>
    /// <exception cref="OperationCanceledException">The waiting was cancelled.</exception>
    public async Task<RecordedCall> WaitForAsync(Func<RecordedCall, bool> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var waiter = new Waiter(condition, new TaskCompletionSource<RecordedCall>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (_latest.FirstOrDefault(condition) is { } seen)
            {
                return seen;
            }

            _waiters.Add(waiter);
        }

        try
        {
            return await waiter.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    /// <summary>Forgets the calls and counts in memory. The file keeps its lines.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _latest.Clear();
            _counts.Clear();
        }
    }

    internal void Append(RecordedCall call)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(call, CallJson.Default.RecordedCall), (byte)'\n'];
        lock (_gate)
        {
            if (_latest.Count == Capacity)
            {
                _latest.Dequeue();
            }

            _latest.Enqueue(call);
            var operation = $"{call.Service}:{call.Operation}";
            _counts[operation] = _counts.GetValueOrDefault(operation) + 1;
            _file?.Write(line);
            foreach (var waiter in _waiters.Where(waiter => waiter.Condition(call)))
            {
                waiter.Completion.TrySetResult(call);
            }
        }
    }

    /// <summary>Closes the file; later calls are kept in memory only.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private sealed record Waiter(Func<RecordedCall, bool> Condition, TaskCompletionSource<RecordedCall> Completion);
}
