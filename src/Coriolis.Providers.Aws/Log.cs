using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

/// <summary>Log messages: 20xx calls, 21xx inspect, 22xx snapshots, 25xx block API, 27xx cleanup.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 2001, EventName = nameof(CallRetried), Level = LogLevel.Warning,
        Message = "{Call} failed in attempt {Attempt}, next one in {DelaySeconds:0.0} s: {Error}")]
    public static partial void CallRetried(this ILogger logger, string call, int attempt, double delaySeconds, string error);

    [LoggerMessage(EventId = 2101, EventName = nameof(InstanceRead), Level = LogLevel.Information,
        Message = "Read instance {InstanceId} ({Name}): {Flavor}, {DiskCount} disks")]
    public static partial void InstanceRead(this ILogger logger, string instanceId, string name, string flavor, int diskCount);

    [LoggerMessage(EventId = 2102, EventName = nameof(KeyChecked), Level = LogLevel.Debug,
        Message = "Key {KeyArn}, managed by {KeyManager}, of {VolumeIds} is enabled")]
    public static partial void KeyChecked(this ILogger logger, string keyArn, string? keyManager, string volumeIds);

    [LoggerMessage(EventId = 2201, EventName = nameof(SnapshotsCreated), Level = LogLevel.Information,
        Message = "Created {Count} snapshots of instance {InstanceId} for execution {ExecutionId}")]
    public static partial void SnapshotsCreated(this ILogger logger, string instanceId, int count, string executionId);

    [LoggerMessage(EventId = 2202, EventName = nameof(SnapshotsPostponed), Level = LogLevel.Warning,
        Message = "The snapshots of {InstanceId} were not created; looking for them and trying again in {DelaySeconds:0} s")]
    public static partial void SnapshotsPostponed(this ILogger logger, Exception error, string instanceId, double delaySeconds);

    [LoggerMessage(EventId = 2204, EventName = nameof(SnapshotsCompleted), Level = LogLevel.Information,
        Message = "{Count} snapshots completed after {ElapsedSeconds:0.0} s")]
    public static partial void SnapshotsCompleted(this ILogger logger, int count, double elapsedSeconds);

    [LoggerMessage(EventId = 2205, EventName = nameof(SnapshotsNotVisible), Level = LogLevel.Debug,
        Message = "Snapshots are not visible yet: {Error}")]
    public static partial void SnapshotsNotVisible(this ILogger logger, string error);

    [LoggerMessage(EventId = 2206, EventName = nameof(InstanceStopping), Level = LogLevel.Information,
        Message = "Instance {InstanceId} is being shut down")]
    public static partial void InstanceStopping(this ILogger logger, string instanceId);

    [LoggerMessage(EventId = 2207, EventName = nameof(InstanceStopped), Level = LogLevel.Information,
        Message = "Instance {InstanceId} is stopped")]
    public static partial void InstanceStopped(this ILogger logger, string instanceId);

    [LoggerMessage(EventId = 2208, EventName = nameof(InstanceStarted), Level = LogLevel.Information,
        Message = "Instance {InstanceId} was started again")]
    public static partial void InstanceStarted(this ILogger logger, string instanceId);

    [LoggerMessage(EventId = 2209, EventName = nameof(BaselineKept), Level = LogLevel.Information,
        Message = "Snapshot {SnapshotId} is now the baseline of {VolumeId}")]
    public static partial void BaselineKept(this ILogger logger, string snapshotId, string volumeId);

    [LoggerMessage(EventId = 2701, EventName = nameof(SnapshotDeleted), Level = LogLevel.Information,
        Message = "Deleted snapshot {SnapshotId}")]
    public static partial void SnapshotDeleted(this ILogger logger, string snapshotId);

    [LoggerMessage(EventId = 2702, EventName = nameof(DeletePostponed), Level = LogLevel.Debug,
        Message = "{ResourceId} is not deleted yet: {Why}")]
    public static partial void DeletePostponed(this ILogger logger, string resourceId, string? why);

    [LoggerMessage(EventId = 2704, EventName = nameof(WorkerResourceDeleted), Level = LogLevel.Information,
        Message = "Deleted {ResourceType} {ResourceId} of a worker")]
    public static partial void WorkerResourceDeleted(this ILogger logger, string resourceType, string resourceId);

    [LoggerMessage(EventId = 2601, EventName = nameof(WorkerChosen), Level = LogLevel.Warning,
        Message = "The disks of {InstanceId} are read through a worker, because the block API cannot be used: {Why}")]
    public static partial void WorkerChosen(this ILogger logger, string instanceId, string why);

    [LoggerMessage(EventId = 2602, EventName = nameof(DiscardFailed), Level = LogLevel.Warning,
        Message = "The worker {InstanceId}, which is not used any more, is terminated only when the capture is released: {Why}")]
    public static partial void DiscardFailed(this ILogger logger, string instanceId, string why);

    [LoggerMessage(EventId = 2703, EventName = nameof(LeftBehind), Level = LogLevel.Warning,
        Message = "{ResourceType} {ResourceId} was left behind: {Why}")]
    public static partial void LeftBehind(this ILogger logger, string resourceType, string resourceId, string why);
}
