using System.Diagnostics;
using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Follows one execution and tells it: to the caller as progress and report, to the host as logs, traces and metrics.</summary>
internal sealed class ExecutionRecord : IDisposable
{
    private readonly ReplicationRequest _request;
    private readonly RunProgress _progress;
    private readonly ReplicationEngine _engine;
    private readonly Activity? _activity;
    private readonly long _started;
    private long _stageStarted;
    private string? _stage;
    private SourceInstance? _instance;
    private IReadOnlyList<DiskReport> _disks = [];
    private IReadOnlyList<LeftoverResource> _leftBehind = [];
    private DateTimeOffset _pointInTime;
    private bool _resumed;

    public ExecutionRecord(ReplicationRequest request, IProgress<ExecutionProgress>? progress, ReplicationEngine engine)
    {
        _request = request;
        _progress = new RunProgress(progress);
        _engine = engine;
        _started = _stageStarted = engine.TimeProvider.GetTimestamp();
        _activity = ReplicationTelemetry.Source.StartActivity("replicate instance");
        _activity?.SetTag("coriolis.execution.id", ExecutionId);
    }

    public string ExecutionId { get; private set; } = $"exec-{Guid.NewGuid():N}";

    public ExecutionStatus Status { get; private set; }

    /// <summary>What the parts of the execution report to.</summary>
    public IProgress<ExecutionProgress> Progress => _progress;

    /// <summary>Whether an interrupted execution was continued and everything that it had created has been dealt with.</summary>
    public bool HasLeftNothingOfInterrupted => _resumed && _leftBehind.Count == 0;

    private ReplicaMode Mode => _disks.Count > 0 && _disks.All(disk => disk.Mode == ReplicaMode.Incremental) ? ReplicaMode.Incremental : ReplicaMode.Full;

    private Exception? FirstError => _disks.FirstOrDefault(disk => disk.Error is not null)?.Error;

    public void Enter(string stage)
    {
        EndStage(null);
        _stage = stage;
        _stageStarted = _engine.TimeProvider.GetTimestamp();
        _progress.Report(new ExecutionProgress { Stage = stage });
    }

    public void Inspected(SourceInstance instance)
    {
        _instance = instance;
        _activity?.SetTag("coriolis.instance.id", instance.Id);
    }

    /// <summary>From here on, others can see how the execution is going.</summary>
    public void Opened(ReplicaState state)
    {
        _progress.Recorder = state.CreateRunRecorder();
        _progress.Recorder.Start(ExecutionId, _instance!.Name, _stage!);
    }

    public CaptureRequest DescribeCapture(ReplicaState state, string executionId, IResourceJournal journal) => new()
    {
        ExecutionId = executionId,
        ReplicaId = state.ReplicaId,
        OwnerId = state.OwnerId,
        ExcludedDiskIds = _request.ExcludedDiskIds,
        Baselines = state.Baselines,
        ShutDown = _request.ShutDown,
        ReadPath = _request.ReadPath,
        ChunkSize = _engine.Options.ChunkSize,
        Journal = journal,
        Progress = new CaptureStages(_progress),
    };

    /// <summary>This is the continuation of an execution whose process died.</summary>
    public void Resumed(string executionId)
    {
        _resumed = true;
        ExecutionId = executionId;
        _progress.Recorder?.Resumed(executionId);
        _activity?.SetTag("coriolis.execution.id", ExecutionId);
    }

    public void Captured(ISourceCapture capture)
    {
        _pointInTime = capture.PointInTime;
        _engine.Logger.Captured(ExecutionId, capture.Disks.Count, _instance!.Id, capture.PointInTime);
    }

    public void Replicated(IReadOnlyList<DiskReport> disks, bool cancelled)
    {
        _disks = disks;
        Status = disks.All(disk => disk.Status == DiskStatus.Committed) ? ExecutionStatus.Succeeded
            : cancelled ? ExecutionStatus.Cancelled
            : ExecutionStatus.Failed;
    }

    public void Released(IReadOnlyList<LeftoverResource> leftBehind)
    {
        _leftBehind = leftBehind;
        foreach (var resource in leftBehind)
        {
            _engine.Logger.LeftBehind(resource.Type, resource.Id, resource.Why);
        }
    }

    public ExecutionReport Complete()
    {
        EndStage(FirstError);
        var duration = _engine.TimeProvider.GetElapsedTime(_started);
        _engine.Instruments.ExecutionEnded(duration, Mode, FirstError);
        _engine.Logger.ExecutionEnded(ExecutionId, _instance!.Id, Status);
        _activity?.SetTag("coriolis.replica.mode", Mode == ReplicaMode.Full ? "full" : "incremental");
        if (FirstError is { } error)
        {
            _activity.Fail(error);
        }

        _progress.Recorder?.End(Status, FirstError?.Message);
        return new ExecutionReport
        {
            ExecutionId = ExecutionId,
            InstanceId = _instance.Id,
            Mode = Mode,
            Status = Status,
            PointInTime = _pointInTime,
            Resumed = _resumed,
            Duration = duration,
            Disks = _disks,
            LeftBehind = _leftBehind,
        };
    }

    public void Fail(Exception exception)
    {
        EndStage(exception);
        var cancelled = exception is OperationCanceledException;
        _progress.Recorder?.End(cancelled ? ExecutionStatus.Cancelled : ExecutionStatus.Failed, cancelled ? null : exception.Message);
        _engine.Instruments.ExecutionEnded(_engine.TimeProvider.GetElapsedTime(_started), Mode, exception);
        _activity.Fail(exception);
        if (!cancelled)
        {
            _engine.Logger.ExecutionFailed(exception, ExecutionId, _request.Instance);
        }
    }

    public void Dispose() => _activity?.Dispose();

    private void EndStage(Exception? error)
    {
        if (_stage is not null)
        {
            _engine.Instruments.StageEnded(_stage, _engine.TimeProvider.GetElapsedTime(_stageStarted), error);
        }
    }

    /// <summary>Tells the caller, and whoever looks at the state directory.</summary>
    private sealed class RunProgress(IProgress<ExecutionProgress>? caller) : IProgress<ExecutionProgress>
    {
        public RunRecorder? Recorder { get; set; }

        public void Report(ExecutionProgress value)
        {
            caller?.Report(value);
            Recorder?.Report(value);
        }
    }

    /// <summary>Passes on what the source says about its capture.</summary>
    private sealed class CaptureStages(IProgress<ExecutionProgress> progress) : IProgress<CaptureProgress>
    {
        public void Report(CaptureProgress value) => progress.Report(new ExecutionProgress
        {
            Stage = "capture",
            DiskId = value.DiskId,
            Detail = value.Percent is { } percent ? $"{value.Stage}: {percent} %" : value.Stage,
        });
    }
}
