using System.Collections.Frozen;
using System.Net;
using Coriolis.Providers.Aws.Ebs;

namespace Coriolis.Providers.Aws;

/// <summary>Every AWS error code that this library knows the meaning of, in one place for EC2, EBS, KMS and STS.</summary>
internal static class AwsErrorTable
{
    private const string Credentials = "Check the access key, or sign in again (aws sso login).";
    private const string SessionExpired = "The session has expired: renew it (aws sso login), then run again.";
    private const string SnapshotGone = "Look for what deletes snapshots of this account (a lifecycle policy?), then run again: new ones are taken.";
    private const string Clock = "Set the clock of this machine.";

    private static readonly AwsErrorRule s_denied = new(AwsErrorKind.AccessDenied, "Allow {permission} in the policy of the caller.");
    private static readonly AwsErrorRule s_credentials = new(AwsErrorKind.AccessDenied, Credentials);
    private static readonly AwsErrorRule s_secret =
        new(AwsErrorKind.AccessDenied, "The secret access key does not belong to the access key id. " + Credentials);

    private static readonly AwsErrorRule s_expired = new(AwsErrorKind.AccessDenied, SessionExpired, AwsRetry.Renewed);
    private static readonly AwsErrorRule s_clock = new(AwsErrorKind.AccessDenied, Clock);
    private static readonly AwsErrorRule s_throttled = new(
        AwsErrorKind.Source,
        "Other work in this account uses up the rate of {permission}: do less at a time, or ask AWS for a higher quota.",
        AwsRetry.Throttled);

    private static readonly AwsErrorRule s_fault = new(
        AwsErrorKind.Source, "Run again later; if it lasts, quote the request id to AWS Support.", AwsRetry.ServerFault);

    private static readonly AwsErrorRule s_unreachable = new(
        AwsErrorKind.Source, "Check the region, the network, the proxy and the endpoint.", AwsRetry.ServerFault);

    private static readonly AwsErrorRule s_proxy = new(
        AwsErrorKind.AccessDenied, "Give the user and the password of the proxy, for example in HTTPS_PROXY=http://user:password@host:port.");

    private static readonly AwsErrorRule s_busy =
        new(AwsErrorKind.Source, "Try again when the resource is no longer in use.", AwsRetry.Later);

    private static readonly AwsErrorRule s_quota = new(
        AwsErrorKind.Source, "Raise the quota in Service Quotas, or wait until other work has ended.", AwsRetry.Later);

    // EC2 answers some of these with the status 500; the same request would wait for nothing.
    private static readonly AwsErrorRule s_capacity = new(
        AwsErrorKind.Source, "Use another instance type or subnet, or try again later.", AwsRetry.Later);

    private static readonly AwsErrorRule s_key =
        new(AwsErrorKind.Source, "Enable the key {key}, or cancel its deletion, before its volumes are read.");

    private static readonly AwsErrorRule s_snapshotGone = new(AwsErrorKind.Source, SnapshotGone);
    private static readonly AwsErrorRule s_other = new(
        AwsErrorKind.Source, "AWS does not take the request as it is: check the setting that it names; if it names none, report this with the request id.");

    private static readonly AwsErrorRule s_gone = new(
        AwsErrorKind.Source, "Run again if it was deleted meanwhile; if a setting names it, see 'coriolis-aws options' for what there is in {region}.");

    private static readonly AwsErrorRule s_twice = new(AwsErrorKind.Source, "Run again: another request with the same name or token was under way.");
    private static readonly AwsErrorRule s_noInstance =
        new(AwsErrorKind.InstanceNotFound, "Check the id, and that the instance is in the region {region}.");

    /// <summary>The finer reasons of the EBS block API; they say more than the code that they come with.</summary>
    private static readonly FrozenDictionary<string, AwsErrorRule> s_reasons = new Dictionary<string, AwsErrorRule>
    {
        ["DEPENDENCY_ACCESS_DENIED"] = new(
            AwsErrorKind.AccessDenied, "Allow kms:Decrypt on the key {key}, in the policy of the caller and in the policy of the key."),
        ["DEPENDENCY_RESOURCE_NOT_FOUND"] = new(AwsErrorKind.Source, "The key {key} is missing: without it the snapshot cannot be read."),
        ["INVALID_CUSTOMER_KEY"] = s_key,
        ["SNAPSHOT_NOT_FOUND"] = s_snapshotGone,
        ["WRITE_REQUEST_TIMEOUT"] = s_fault,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, AwsErrorRule> s_codes = new Dictionary<string, AwsErrorRule>
    {
        ["UnauthorizedOperation"] = s_denied,
        ["AccessDenied"] = s_denied,
        ["AccessDeniedException"] = s_denied,
        ["Client.UnauthorizedOperation"] = s_denied,
        ["AuthFailure"] = s_credentials,
        ["InvalidClientTokenId"] = s_credentials,
        ["UnrecognizedClientException"] = s_credentials,
        ["InvalidSignatureException"] = s_secret,
        ["MissingAuthenticationToken"] = s_credentials,
        ["MissingAuthenticationTokenException"] = s_credentials,
        ["IncompleteSignature"] = s_credentials,
        ["SignatureDoesNotMatch"] = s_secret,
        ["IncompleteSignatureException"] = s_credentials,
        [EbsException.NoCredentials] = s_credentials,
        ["ExpiredToken"] = s_expired,
        ["ExpiredTokenException"] = s_expired,
        ["TokenRefreshRequired"] = s_expired,
        ["RequestExpired"] = new(AwsErrorKind.AccessDenied, "Renew the session (aws sso login), and check the clock of this machine."),
        ["RequestTimeTooSkewed"] = s_clock,
        ["OptInRequired"] = new(
            AwsErrorKind.AccessDenied, "Enable the region {region} or subscribe to the Marketplace product in this account."),
        ["Blocked"] = new(AwsErrorKind.AccessDenied, "The account is blocked: contact AWS Support."),
        ["PendingVerification"] = new(AwsErrorKind.AccessDenied, "The account is being verified: try again later."),

        ["InvalidInstanceID.NotFound"] = s_noInstance,
        ["InvalidInstanceID.Malformed"] = s_noInstance,
        ["InvalidInstanceId"] = s_noInstance,
        ["IncorrectInstanceState"] = new(AwsErrorKind.Source, "Wait until the instance has reached a steady state.", AwsRetry.Later),
        ["UnsupportedOperation"] = new(
            AwsErrorKind.UnsupportedInstance, "AWS does not do this with an instance or volume of this kind; exclude the disk, where it is about one."),

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

        [EbsException.ConnectionFailed] = s_unreachable,
        [EbsException.TimedOut] = s_unreachable,
        [EbsException.BadResponse] = s_unreachable with { Retry = AwsRetry.No },
        ["InternalError"] = s_fault,
        ["InternalFailure"] = s_fault,
        ["InternalServerException"] = s_fault,
        ["KMSInternalException"] = s_fault,
        ["DependencyTimeoutException"] = s_fault,
        ["KeyUnavailableException"] = s_fault,
        ["Unavailable"] = s_fault,
        ["ServiceUnavailable"] = s_fault,
        ["ServiceUnavailableException"] = s_fault,

        ["InsufficientInstanceCapacity"] = s_capacity,
        ["InsufficientHostCapacity"] = s_capacity,
        ["InsufficientAddressCapacity"] = s_capacity,
        ["InsufficientFreeAddressesInSubnet"] = s_capacity,

        ["SnapshotCreationPerVolumeRateExceeded"] =
            new(AwsErrorKind.Source, "Leave 15 seconds between two snapshots of a volume.", AwsRetry.Later),
        ["ConcurrentSnapshotLimitExceeded"] = s_quota,
        ["PendingSnapshotLimitExceeded"] = s_quota,
        ["SnapshotLimitExceeded"] =
            new(AwsErrorKind.Source, "Delete snapshots that nobody needs (coriolis-aws sweep), or raise the quota."),
        ["ResourceLimitExceeded"] = s_quota,
        ["InstanceLimitExceeded"] = s_quota,
        ["VcpuLimitExceeded"] = s_quota,
        ["MaxSpotInstanceCountExceeded"] = s_quota,
        ["VolumeLimitExceeded"] = s_quota,
        // A limit of the instance, not of the account: waiting, or another instance of the type, changes nothing.
        ["AttachmentLimitExceeded"] = new(AwsErrorKind.Source, "Attach fewer volumes to the instance, or take a type that holds more."),
        ["SecurityGroupLimitExceeded"] = s_quota,
        ["RulesPerSecurityGroupLimitExceeded"] = s_quota,
        ["TagLimitExceeded"] = new(AwsErrorKind.Source, "Give fewer tags in extra_tags."),
        ["ServiceQuotaExceededException"] = s_quota,
        ["ConcurrentLimitExceededException"] = s_quota,

        ["InvalidSnapshot.NotFound"] = s_snapshotGone,
        ["ResourceNotFoundException"] = s_snapshotGone,
        ["InvalidSnapshot.InUse"] = new(AwsErrorKind.Source, "Deregister the image that uses the snapshot.", AwsRetry.Later),
        ["SnapshotLocked"] = new(AwsErrorKind.Source, "The snapshot is locked and billed until its lock ends."),
        ["DependencyViolation"] = s_busy,
        ["VolumeInUse"] = s_busy,
        ["InvalidVolume.NotFound"] = s_gone,
        ["InvalidAMIID.NotFound"] = s_gone,
        ["InvalidAMIID.Malformed"] = s_gone,
        ["InvalidSubnetID.NotFound"] = s_gone,
        ["InvalidGroup.NotFound"] = s_gone,
        ["InvalidKeyPair.NotFound"] = s_gone,
        ["InvalidAttachment.NotFound"] = s_gone,
        ["InvalidKeyPair.Duplicate"] = s_twice,
        ["InvalidGroup.Duplicate"] = s_twice,
        ["IdempotentParameterMismatch"] = s_twice,
        ["InvalidNextToken"] = s_twice with { Remedy = "Run again: the list has changed while it was read." },
        ["IncorrectState"] = s_busy,

        ["DisabledException"] = s_key,
        ["KMSInvalidStateException"] = s_key,
        ["NotFoundException"] = new(AwsErrorKind.Source, "Check that the key still exists in the region {region}."),

        ["InvalidParameterValue"] = s_other,
        ["ValidationError"] = s_other,
        ["ValidationException"] = s_other,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The codes whose meaning is known.</summary>
    public static IReadOnlyDictionary<string, AwsErrorRule> Codes => s_codes;

    /// <summary>Finds the meaning of an answer; unknown codes are judged by their HTTP status.</summary>
    public static AwsErrorRule Find(AwsFailure failure)
    {
        if (failure.Reason is { } reason && s_reasons.TryGetValue(reason, out var precise))
        {
            return precise;
        }

        if (s_codes.TryGetValue(failure.Code, out var rule))
        {
            return rule == s_secret && IsAboutTheClock(failure.Message) ? s_clock : rule;
        }

        return failure.Status switch
        {
            HttpStatusCode.TooManyRequests => s_throttled,
            HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => s_denied,
            HttpStatusCode.ProxyAuthenticationRequired => s_proxy,
            HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => s_fault,

            // A success that cannot be read, because its body is torn, is as bad as none.
            >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => s_fault,
            _ => s_other,
        };
    }

    private static bool IsAboutTheClock(string message) =>
        message.Contains("Signature expired", StringComparison.OrdinalIgnoreCase)
        || message.Contains("not yet current", StringComparison.OrdinalIgnoreCase);
}
