using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

internal static partial class Log
{
    [LoggerMessage(EventId = 2500, EventName = nameof(EbsCallRetried), Level = LogLevel.Warning,
        Message = "{Operation} of {Subject} failed in attempt {Attempt} after {ElapsedSeconds:0.0} s, next one in {DelaySeconds:0.0} s: {Error}")]
    public static partial void EbsCallRetried(
        this ILogger logger, string operation, string subject, int attempt, double elapsedSeconds, double delaySeconds, string error);

    [LoggerMessage(EventId = 2501, EventName = nameof(EbsRateLowered), Level = LogLevel.Debug,
        Message = "AWS throttles {Operation} of {Subject} ({Reason}); the client-side rate is lowered")]
    public static partial void EbsRateLowered(this ILogger logger, string operation, string subject, string? reason);

    [LoggerMessage(EventId = 2502, EventName = nameof(EbsCredentialsRenewed), Level = LogLevel.Information,
        Message = "The credentials expired during {Operation} of {Subject} and are renewed")]
    public static partial void EbsCredentialsRenewed(this ILogger logger, string operation, string subject);
}
