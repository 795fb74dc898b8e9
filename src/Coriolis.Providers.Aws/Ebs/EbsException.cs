using System.Net;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>A call of the EBS direct APIs failed, also after retries.</summary>
internal sealed class EbsException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The code when no answer came: the connection could not be made or broke.</summary>
    public const string ConnectionFailed = "ConnectionFailed";

    /// <summary>The code when the answer did not come, or not completely, in time.</summary>
    public const string TimedOut = "TimedOut";

    /// <summary>The code when no credentials could be obtained.</summary>
    public const string NoCredentials = "CredentialsUnavailable";

    /// <summary>The code when the answer cannot be understood.</summary>
    public const string BadResponse = "BadResponse";

    public required EbsOperation Operation { get; init; }

    public required string SnapshotId { get; init; }

    /// <summary>The service's error code, for example <c>ValidationException</c>, or one of the constants.</summary>
    public required string Code { get; init; }

    /// <summary>The service's more precise reason, for example <c>UNRELATED_SNAPSHOTS</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The service's own words.</summary>
    public string? ServiceMessage { get; init; }

    public HttpStatusCode? Status { get; init; }

    public string? RequestId { get; init; }

    /// <summary>The failure as <see cref="AwsErrorTable"/> judges it.</summary>
    public AwsFailure Failure => new(Code, ServiceMessage ?? Message, Status ?? 0, RequestId, Reason);

    public bool IsNotFound => Code == "ResourceNotFoundException" && Reason is null or "SNAPSHOT_NOT_FOUND";
}
