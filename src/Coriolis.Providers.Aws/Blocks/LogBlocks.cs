using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

internal static partial class Log
{
    [LoggerMessage(EventId = 2400, EventName = nameof(BaselineNotComparable), Level = LogLevel.Warning,
        Message = "Snapshot {SnapshotId} of disk {DiskId} cannot be compared with {BaselineSnapshotId}: {Reason}; from block {Block} on all of the disk is compared")]
    public static partial void BaselineNotComparable(
        this ILogger logger, string snapshotId, string diskId, string baselineSnapshotId, string reason, int block);

    [LoggerMessage(EventId = 2401, EventName = nameof(BlockListRestarted), Level = LogLevel.Information,
        Message = "The page token of snapshot {SnapshotId} of disk {DiskId} expired; listing again from block {Block}")]
    public static partial void BlockListRestarted(this ILogger logger, string snapshotId, string diskId, int block);

    [LoggerMessage(EventId = 2402, EventName = nameof(BlockTokenExpired), Level = LogLevel.Information,
        Message = "The token of block {Block} of snapshot {SnapshotId} is not accepted any more; listing again")]
    public static partial void BlockTokenExpired(this ILogger logger, string snapshotId, int block);
}
