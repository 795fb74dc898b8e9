namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Turns failures of the block API into the exceptions of the contract, each with what to do about it.</summary>
internal static class EbsErrorMapping
{
    /// <summary>Maps a failure.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="region">The region that was called.</param>
    /// <param name="kmsKeyId">The key of the volume, when it is encrypted.</param>
    public static CoriolisException ToCoriolisException(this EbsException exception, string region, string? kmsKeyId)
    {
        var key = kmsKeyId ?? "that encrypts the snapshot";
        return exception switch
        {
            { IsExpiredCredentials: true } or { Code: "RequestExpired" } => Denied(exception, "Renew the session or the credentials and run again."),
            { Code: EbsException.NoCredentials } => Denied(exception, "Check the credentials that the AWS SDK's chain finds (profile, role, AWS_* variables)."),
            { Code: "InvalidSignatureException" or "SignatureDoesNotMatch" } when IsClockSkew(exception) => Denied(exception, "Set this machine's clock."),
            { Code: "InvalidSignatureException" or "SignatureDoesNotMatch" } => Denied(exception, "Check the secret access key."),
            { Code: "UnrecognizedClientException" or "InvalidClientTokenId" or "MissingAuthenticationTokenException" or "IncompleteSignatureException" } =>
                Denied(exception, "Check the access key id and, for temporary credentials, the session token; the key may be deleted or of another partition."),
            { Code: "AccessDeniedException", Reason: "DEPENDENCY_ACCESS_DENIED" } =>
                Denied(exception, $"Allow kms:Decrypt on the key {key}, in the policy of the caller and in the policy of the key."),
            { Code: "AccessDeniedException" } =>
                Denied(exception, $"Allow ebs:{exception.Operation} on arn:aws:ec2:{region}::snapshot/{exception.SnapshotId}."),
            { Reason: "DEPENDENCY_RESOURCE_NOT_FOUND" } => Failed(exception, $"The key {key} is missing: without it the snapshot cannot be read."),
            { Reason: "INVALID_CUSTOMER_KEY" } => Failed(exception, $"Enable the key {key}, or cancel its deletion."),
            { IsNotFound: true } => Failed(
                exception,
                "The snapshot is gone: look for what deletes snapshots in this account (a lifecycle policy or a cleanup job), then run again: a new one is taken."),
            { IsThrottling: true } => Failed(exception, "Other work in this account uses up the rate of the EBS direct APIs: lower the rate there, or ask AWS for a higher quota."),
            { Code: EbsException.ConnectionFailed or EbsException.TimedOut } =>
                Failed(exception, "Check that this machine reaches the endpoint of the EBS direct APIs (network, proxy, VPC endpoint), then run again."),
            { IsTransient: true } => Failed(exception, "Run again later; if it lasts, quote the request id to AWS support."),
            { Code: "ServiceQuotaExceededException" or "ConcurrentLimitExceededException" } => Failed(exception, "Ask AWS for a higher quota."),
            _ => Failed(exception, null),
        };
    }

    private static bool IsClockSkew(EbsException exception) =>
        exception.ServiceMessage is { } text
        && (text.Contains("Signature expired", StringComparison.OrdinalIgnoreCase) || text.Contains("not yet current", StringComparison.OrdinalIgnoreCase));

    private static SourceAccessDeniedException Denied(EbsException exception, string remedy) => new(Sentence(exception), exception)
    {
        ResourceId = exception.SnapshotId,
        ErrorCode = exception.Code,
        RequestId = exception.RequestId,
        Remedy = remedy,
    };

    private static SourceException Failed(EbsException exception, string? remedy) => new(Sentence(exception), exception)
    {
        ResourceId = exception.SnapshotId,
        ErrorCode = exception.Code,
        RequestId = exception.RequestId,
        Remedy = remedy,
        IsTransient = exception.IsTransient,
    };

    private static string Sentence(EbsException exception) => exception.Message.EndsWith('.') ? exception.Message : exception.Message + ".";
}
