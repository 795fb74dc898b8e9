using System.Text.Json;
using Coriolis.Storage;

namespace Coriolis.Replication;

/// <summary>Keeps <c>status.json</c> up to date while an execution runs, at most once a second, for whoever asks from outside.</summary>
/// <remarks>Thread safe. The file informs people and decides nothing: it is not flushed, and a failure to write it is not one of the execution.</remarks>
internal sealed class RunRecorder(string path, TimeProvider timeProvider) : IProgress<ExecutionProgress>
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, RunDisk> _disks = new(StringComparer.Ordinal);
    private readonly TransferRate _rate = new(timeProvider);
    private RunState? _state;
    private long _writtenAt;

    public void Start(string executionId, string instanceName, string stage)
    {
        lock (_gate)
        {
            var now = timeProvider.GetUtcNow();
            _state = new RunState { ExecutionId = executionId, InstanceName = instanceName, StartedAt = now, UpdatedAt = now, Stage = stage };
            Write();
        }
    }

    public void Resumed(string executionId)
    {
        lock (_gate)
        {
            _state = _state! with { ExecutionId = executionId, Resumed = true };
        }
    }

    public void Report(ExecutionProgress value)
    {
        lock (_gate)
        {
            if (_state is null)
            {
                return;
            }

            if (value.DiskId is { } id && value.SizeBytes > 0)
            {
                _disks[id] = new RunDisk(id, value.Stage, value.SizeBytes, value.PositionBytes, value.TransferredBytes);
            }
            else
            {
                _state = _state with { Stage = value.Stage, Detail = value.Detail };
            }

            if (timeProvider.GetElapsedTime(_writtenAt) >= s_interval)
            {
                Write();
            }
        }
    }

    public void End(ExecutionStatus outcome, string? error)
    {
        lock (_gate)
        {
            if (_state is not null)
            {
                _state = _state with { EndedAt = timeProvider.GetUtcNow(), Outcome = outcome, Error = error, Detail = null };
                Write();
            }
        }
    }

    private void Write()
    {
        _writtenAt = timeProvider.GetTimestamp();
        _rate.Add(_disks.Values.Sum(disk => disk.TransferredBytes), _disks.Values.Sum(disk => disk.PositionBytes));
        var remaining = _disks.Values.Sum(disk => disk.SizeBytes - disk.PositionBytes);
        var state = _state! with
        {
            UpdatedAt = timeProvider.GetUtcNow(),
            BytesPerSecond = _rate.BytesPerSecond,
            RemainingSeconds = _disks.Count > 0 ? _rate.SecondsFor(remaining) : null,
            Disks = [.. _disks.Values],
        };
        try
        {
            DurableFile.WriteCarelessly(path, JsonSerializer.SerializeToUtf8Bytes(state, StateJson.Default.RunState));
        }
        catch (Exception e) when (StateErrors.IsAboutFiles(e))
        {
            // Whoever asks sees an older state, with its time.
        }
    }
}
