using Amazon.Runtime;
using Coriolis.Providers.Aws.Ebs;
using Polly.Timeout;

namespace Coriolis.Providers.Aws;

/// <summary>Turns what AWS answers into the exceptions of the contract.</summary>
internal static class AwsErrors
{
    /// <summary>Translates an exception of the AWS SDK; returns others as they are.</summary>
    public static Exception Translate(AwsCall call, string region, Exception error) => error switch
    {
        AmazonServiceException service when IsAnswer(service) => Create(call, region, FailureOf(service), QuotedSecrets.RemoveFrom(service)),
        TimeoutRejectedException timeout => Unreachable(call, region, $"no answer within {timeout.Timeout.TotalSeconds:0} s", timeout),
        AmazonClientException client when IsAboutCredentials(client) => new SourceAccessDeniedException(
            $"{call.Permission} failed: no usable credentials: {QuotedSecrets.RemoveFrom(client.Message)}", QuotedSecrets.RemoveFrom(client))
        {
            ResourceId = call.ResourceId,
            Remedy = "Give an access key, a profile or a role, or sign in (aws sso login).",
        },
        AmazonClientException or HttpRequestException or IOException or TimeoutException =>
            Unreachable(call, region, QuotedSecrets.RemoveFrom(DescribeCause(error)), QuotedSecrets.RemoveFrom(error)),
        _ => error,
    };

    /// <summary>Builds the exception for an answer of AWS.</summary>
    public static CoriolisException Create(AwsCall call, string region, AwsFailure failure, Exception? inner = null)
    {
        var id = call.ResourceId is null ? "" : $" for {call.ResourceId}";
        return Create(call, region, failure, $"{call.Permission} failed{id} in {region}: {failure.Code}: {failure.Message}", inner);
    }

    /// <summary>Builds the exception for a failure of the block API, which already says what was read.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="region">The region that was called.</param>
    /// <param name="kmsKeyId">The key of the volume, when it is encrypted.</param>
    public static CoriolisException Create(EbsException error, string region, string? kmsKeyId)
    {
        var call = new AwsCall("ebs", error.Operation.ToString(), error.SnapshotId) { KmsKeyId = kmsKeyId };
        var problem = error.Message.EndsWith('.') ? error.Message : error.Message + ".";
        return Create(call, region, error.Failure, problem, error);
    }

    /// <summary>How a failed attempt may be tried again.</summary>
    public static AwsRetry RetryOf(Exception error) => error switch
    {
        AmazonServiceException service when IsAnswer(service) => AwsErrorTable.Find(FailureOf(service)).Retry,
        AmazonClientException client when IsAboutCredentials(client) => AwsRetry.No,
        EbsException ebs => AwsErrorTable.Find(ebs.Failure).Retry,
        CoriolisException { InnerException: { } inner } => RetryOf(inner),
        TimeoutRejectedException or TimeoutException or AmazonClientException or HttpRequestException or IOException => AwsRetry.ServerFault,
        _ => AwsRetry.No,
    };

    /// <summary>Whether AWS answered; otherwise no answer came.</summary>
    public static bool IsAnswer(AmazonServiceException error) => error.StatusCode != 0 || !string.IsNullOrEmpty(error.ErrorCode);

    /// <summary>Whether an error says that a resource does not exist.</summary>
    public static bool IsNotFound(Exception error) =>
        (error is CoriolisException known ? known.ErrorCode : (error as AmazonServiceException)?.ErrorCode)?
            .EndsWith("NotFound", StringComparison.Ordinal) ?? false;

    private static AwsFailure FailureOf(AmazonServiceException error) =>
        new(error.ErrorCode ?? "", QuotedSecrets.RemoveFrom(error.Message), error.StatusCode, error.RequestId);

    private static CoriolisException Create(AwsCall call, string region, AwsFailure failure, string problem, Exception? inner)
    {
        var rule = AwsErrorTable.Find(failure);
        var remedy = rule.Remedy
            .Replace("{permission}", Describe(call, region), StringComparison.Ordinal)
            .Replace("{region}", region, StringComparison.Ordinal)
            .Replace("{key}", call.KmsKeyId ?? "of the resource", StringComparison.Ordinal);
        return rule.Kind switch
        {
            AwsErrorKind.AccessDenied => new SourceAccessDeniedException(problem, inner)
            { ResourceId = call.ResourceId, ErrorCode = failure.Code, RequestId = failure.RequestId, Remedy = remedy, IsTransient = rule.IsTransient },
            AwsErrorKind.InstanceNotFound => new InstanceNotFoundException(problem, inner)
            { ResourceId = call.ResourceId, ErrorCode = failure.Code, RequestId = failure.RequestId, Remedy = remedy, IsTransient = rule.IsTransient },
            AwsErrorKind.UnsupportedInstance => new UnsupportedInstanceException(problem, inner)
            { ResourceId = call.ResourceId, ErrorCode = failure.Code, RequestId = failure.RequestId, Remedy = remedy, IsTransient = rule.IsTransient },
            _ => new SourceException(problem, inner)
            { ResourceId = call.ResourceId, ErrorCode = failure.Code, RequestId = failure.RequestId, Remedy = remedy, IsTransient = rule.IsTransient },
        };
    }

    // The block API is allowed per snapshot, by an ARN without an account.
    private static string Describe(AwsCall call, string region) =>
        call.Service == "ebs" ? $"{call.Permission} on arn:aws:ec2:{region}::snapshot/{call.ResourceId}" : call.Permission;

    // The SDK has no exception type of its own for missing credentials.
    private static bool IsAboutCredentials(AmazonClientException error) =>
        error.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase)
        || error.Message.Contains("SSO", StringComparison.Ordinal);

    private static SourceException Unreachable(AwsCall call, string region, string why, Exception error) =>
        new($"{call.Permission} failed: {call.Service} in {region} cannot be reached: {why}", error)
        {
            ResourceId = call.ResourceId,
            Remedy = "Check the region, the network, the proxy and the endpoint.",
            IsTransient = true,
        };

    // The message of the HTTP client names the host; what it wraps does not.
    private static string DescribeCause(Exception error)
    {
        while (error is not HttpRequestException && error.InnerException is { } inner)
        {
            error = inner;
        }

        return error.Message;
    }
}
