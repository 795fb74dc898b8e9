using Microsoft.Extensions.Logging;

namespace Coriolis.Aws.Emulator;

internal static partial class Log
{
    [LoggerMessage(EventId = 4000, EventName = nameof(CallFailed), Level = LogLevel.Error, Message = "Request {RequestId} to {Service} failed inside the emulator.")]
    public static partial void CallFailed(this ILogger logger, string requestId, string service, Exception exception);

    [LoggerMessage(EventId = 4001, EventName = nameof(MachineFailed), Level = LogLevel.Error, Message = "The machine of instance {InstanceId} failed.")]
    public static partial void MachineFailed(this ILogger logger, string instanceId, Exception exception);
}
