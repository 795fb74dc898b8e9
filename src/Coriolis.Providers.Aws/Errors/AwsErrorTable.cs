using System.Collections.Frozen;
using System.Net;

namespace Coriolis.Providers.Aws;

/// <summary>Every AWS error code that this library knows the meaning of, in one place for EC2, EBS, KMS and STS.</summary>
internal static class AwsErrorTable
{
    private const string Permission = "Add the permission {permission} to the policy of the caller.";
    private const string Credentials = "Check the access key, or sign in again (aws sso login).";
    private const string Busy = "Try again when the resource is no longer in use.";
    private const string Quota = "Raise the quota in Service Quotas, or wait until other work has ended.";
    private const string Key = "Enable the key, or cancel its deletion, before its volumes are read.";

    private static readonly AwsErrorRule s_denied = new(AwsErrorKind.AccessDenied, Permission);
    private static readonly AwsErrorRule s_credentials = new(AwsErrorKind.AccessDenied, Credentials);
    private static readonly AwsErrorRule s_throttled = new(AwsErrorKind.Source, null, AwsRetry.Throttled);
    private static readonly AwsErrorRule s_fault = new(AwsErrorKind.Source, null, AwsRetry.ServerFault);
    private static readonly AwsErrorRule s_busy = new(AwsErrorKind.Source, Busy, AwsRetry.Later);
    private static readonly AwsErrorRule s_quota = new(AwsErrorKind.Source, Quota, AwsRetry.Later);
    private static readonly AwsErrorRule s_key = new(AwsErrorKind.Source, Key);
    private static readonly AwsErrorRule s_other = new(AwsErrorKind.Source);
    private static readonly AwsErrorRule s_noInstance =
        new(AwsErrorKind.InstanceNotFound, "Check the id, and that the instance is in the region {region}.");

    private static readonly FrozenDictionary<string, AwsErrorRule> s_rules = new Dictionary<string, AwsErrorRule>
    {
        ["UnauthorizedOperation"] = s_denied,
        ["AccessDenied"] = s_denied,
        ["AccessDeniedException"] = s_denied,
        ["Client.UnauthorizedOperation"] = s_denied,
        ["AuthFailure"] = s_credentials,
        ["InvalidClientTokenId"] = s_credentials,
        ["UnrecognizedClientException"] = s_credentials,
        ["InvalidSignatureException"] = s_credentials,
        ["MissingAuthenticationToken"] = s_credentials,
        ["MissingAuthenticationTokenException"] = s_credentials,
        ["IncompleteSignature"] = s_credentials,
        ["SignatureDoesNotMatch"] = new(AwsErrorKind.AccessDenied, "The secret access key does not belong to the access key id. " + Credentials),
        ["ExpiredToken"] = new(AwsErrorKind.AccessDenied, "The session has expired: renew it (aws sso login), then run again."),
        ["ExpiredTokenException"] = new(AwsErrorKind.AccessDenied, "The session has expired: renew it (aws sso login), then run again."),
        ["RequestExpired"] = new(AwsErrorKind.AccessDenied, "Renew the session (aws sso login), and check the clock of this machine."),
        ["RequestTimeTooSkewed"] = new(AwsErrorKind.AccessDenied, "Set the clock of this machine."),
        ["OptInRequired"] = new(AwsErrorKind.AccessDenied, "Enable the region {region} or subscribe to the Marketplace product in this account."),
        ["Blocked"] = new(AwsErrorKind.AccessDenied, "The account is blocked: contact AWS Support."),
        ["PendingVerification"] = new(AwsErrorKind.AccessDenied, "The account is being verified: try again later."),

        ["InvalidInstanceID.NotFound"] = s_noInstance,
        ["InvalidInstanceID.Malformed"] = s_noInstance,
        ["InvalidInstanceId"] = s_noInstance,
        ["IncorrectInstanceState"] = new(AwsErrorKind.Source, "Wait until the instance has reached a steady state.", AwsRetry.Later),
        ["UnsupportedOperation"] = new(AwsErrorKind.UnsupportedInstance),

        ["RequestLimitExceeded"] = s_throttled,
        ["Throttling"] = s_throttled,
        ["ThrottlingException"] = s_throttled,
        ["ThrottledException"] = s_throttled,
        ["RequestThrottled"] = s_throttled,
        ["RequestThrottledException"] = s_throttled,
        ["TooManyRequestsException"] = s_throttled,
        ["BandwidthLimitExceeded"] = s_throttled,
        ["EC2ThrottledException"] = s_throttled,
        ["SlowDown"] = s_throttled,

        ["InternalError"] = s_fault,
        ["InternalFailure"] = s_fault,
        ["InternalServerException"] = s_fault,
        ["KMSInternalException"] = s_fault,
        ["DependencyTimeoutException"] = s_fault,
        ["KeyUnavailableException"] = s_fault,
        ["Unavailable"] = s_fault,
        ["ServiceUnavailable"] = s_fault,
        ["ServiceUnavailableException"] = s_fault,

        ["SnapshotCreationPerVolumeRateExceeded"] = new(AwsErrorKind.Source, "Leave 15 seconds between two snapshots of a volume.", AwsRetry.Later),
        ["ConcurrentSnapshotLimitExceeded"] = s_quota,
        ["PendingSnapshotLimitExceeded"] = s_quota,
        ["SnapshotLimitExceeded"] = new(AwsErrorKind.Source, "Delete snapshots that nobody needs (coriolis-aws sweep), or raise the quota."),
        ["ResourceLimitExceeded"] = s_quota,
        ["ServiceQuotaExceededException"] = s_quota,
        ["ConcurrentLimitExceededException"] = s_quota,

        ["InvalidSnapshot.NotFound"] = new(AwsErrorKind.Source, "Look for what deletes snapshots of this account (a lifecycle policy?), then run again."),
        ["InvalidSnapshot.InUse"] = new(AwsErrorKind.Source, "Deregister the image that uses the snapshot.", AwsRetry.Later),
        ["SnapshotLocked"] = new(AwsErrorKind.Source, "The snapshot is locked and billed until its lock ends."),
        ["DependencyViolation"] = s_busy,
        ["VolumeInUse"] = s_busy,
        ["IncorrectState"] = s_busy,

        ["DisabledException"] = s_key,
        ["KMSInvalidStateException"] = s_key,
        ["NotFoundException"] = new(AwsErrorKind.Source, "Check that the key still exists in the region {region}."),

        ["InvalidParameterValue"] = s_other,
        ["ValidationError"] = s_other,
        ["ValidationException"] = s_other,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Finds the meaning of an answer; unknown codes are judged by their HTTP status.</summary>
    public static AwsErrorRule Find(AwsFailure failure) =>
        s_rules.TryGetValue(failure.Code, out var rule) ? rule
        : failure.Status == HttpStatusCode.TooManyRequests ? s_throttled
        // A success that cannot be read, because its body is torn, is as bad as none.
        : (int)failure.Status is >= 500 or (>= 200 and < 300) ? s_fault
        : failure.Status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized ? s_denied
        : s_other;
}
