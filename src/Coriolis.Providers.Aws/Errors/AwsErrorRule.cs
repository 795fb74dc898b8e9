namespace Coriolis.Providers.Aws;

/// <summary>What an error code means for the caller.</summary>
/// <param name="Kind">The exception that it becomes.</param>
/// <param name="Remedy">What to do, with <c>{permission}</c>, <c>{region}</c> and <c>{key}</c> filled in.</param>
/// <param name="Retry">Whether and how the same call may be tried again.</param>
internal sealed record AwsErrorRule(AwsErrorKind Kind, string Remedy, AwsRetry Retry = AwsRetry.No)
{
    /// <summary>Whether the same call may succeed later although nobody changes anything.</summary>
    public bool IsTransient => Retry is not (AwsRetry.No or AwsRetry.Renewed);
}

/// <summary>The exception that an error code becomes.</summary>
internal enum AwsErrorKind
{
    Source = 0,
    AccessDenied,
    InstanceNotFound,
    UnsupportedInstance,
}

/// <summary>Whether a failed call may be tried again.</summary>
internal enum AwsRetry
{
    /// <summary>It would fail again.</summary>
    No = 0,

    /// <summary>It was refused for being too fast; nothing was done.</summary>
    Throttled,

    /// <summary>The service had a problem; the call may have been carried out.</summary>
    ServerFault,

    /// <summary>The session has ended; the call may work with new credentials, when they can be had.</summary>
    Renewed,

    /// <summary>The resource is busy; a later attempt may work. Left to the caller, who knows how long to wait.</summary>
    Later,
}
