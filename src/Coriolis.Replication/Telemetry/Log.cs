using Microsoft.Extensions.Logging;

namespace Coriolis.Replication;

/// <summary>The log messages of the engine: 1000 executions, 1100 inspect, 1200 capture, 1300 open, 1500 transfer, 1600 commit, 1700 release.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Execution {ExecutionId} of {InstanceId} ended: {Status}.")]
    public static partial void ExecutionEnded(this ILogger logger, string executionId, string instanceId, ExecutionStatus status);

    [LoggerMessage(1001, LogLevel.Error, "Execution {ExecutionId} of {Instance} failed before a disk was captured.")]
    public static partial void ExecutionFailed(this ILogger logger, Exception exception, string executionId, string instance);

    [LoggerMessage(1002, LogLevel.Error, "Disk {DiskId} of execution {ExecutionId} failed.")]
    public static partial void DiskFailed(this ILogger logger, Exception exception, string diskId, string executionId);

    [LoggerMessage(1200, LogLevel.Information, "Execution {ExecutionId} captured {DiskCount} disks of {InstanceId} at {PointInTime:u}.")]
    public static partial void Captured(
        this ILogger logger, string executionId, int diskCount, string instanceId, DateTimeOffset pointInTime);

    [LoggerMessage(1201, LogLevel.Information, "Execution {ExecutionId} was interrupted and is continued: its capture still exists.")]
    public static partial void Resumed(this ILogger logger, string executionId);

    [LoggerMessage(1202, LogLevel.Information, "Execution {ExecutionId} was interrupted and cannot be continued: its capture does not exist any more.")]
    public static partial void NotResumed(this ILogger logger, string executionId);

    [LoggerMessage(1300, LogLevel.Information, "Disk {DiskId}: {Mode}, because {Reason}.")]
    public static partial void ModeChosen(this ILogger logger, string diskId, ReplicaMode mode, string reason);

    [LoggerMessage(1301, LogLevel.Warning, "Disk {DiskId}: its manifest is corrupt and is not used.")]
    public static partial void ManifestCorrupt(this ILogger logger, Exception exception, string diskId);

    [LoggerMessage(1302, LogLevel.Warning, "Disk {DiskId}: the destination was compared with the manifest; {ChunkCount} chunks differ.")]
    public static partial void DestinationCompared(this ILogger logger, string diskId, long chunkCount);

    [LoggerMessage(1500, LogLevel.Information, "Disk {DiskId}: {TransferredBytes} bytes transferred of {ChangedBytes} that changed.")]
    public static partial void Transferred(this ILogger logger, string diskId, long transferredBytes, long changedBytes);

    [LoggerMessage(1501, LogLevel.Warning, "Disk {DiskId}: the destination is still busy after {Timeout} and is left open.")]
    public static partial void WriterAbandoned(this ILogger logger, string diskId, TimeSpan timeout);

    [LoggerMessage(1502, LogLevel.Warning, "Disk {DiskId}: the destination could not be closed.")]
    public static partial void WriterNotClosed(this ILogger logger, Exception exception, string diskId);

    [LoggerMessage(1600, LogLevel.Information, "Disk {DiskId}: committed with content root {ContentRoot}.")]
    public static partial void Committed(this ILogger logger, string diskId, string contentRoot);

    [LoggerMessage(1601, LogLevel.Warning, "Disk {DiskId}: committed, but its baseline could not be kept; the next execution reads it in full.")]
    public static partial void BaselineNotKept(this ILogger logger, Exception exception, string diskId);

    [LoggerMessage(1700, LogLevel.Warning, "Left behind: {Type} {Id}: {Why}")]
    public static partial void LeftBehind(this ILogger logger, string type, string id, string why);

    [LoggerMessage(1701, LogLevel.Warning, "The resources of {ExecutionCount} interrupted executions could not be swept; the next execution tries again.")]
    public static partial void SweepFailed(this ILogger logger, Exception exception, int executionCount);
}
