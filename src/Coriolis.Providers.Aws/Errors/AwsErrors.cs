using Amazon.Runtime;
using Polly.Timeout;

namespace Coriolis.Providers.Aws;

/// <summary>Turns what AWS answers into the exceptions of the contract.</summary>
internal static class AwsErrors
{
    /// <summary>Translates an exception of the AWS SDK; returns others as they are.</summary>
    public static Exception Translate(AwsCall call, string region, Exception error) => error switch
    {
        AmazonServiceException service when service.StatusCode != 0 || !string.IsNullOrEmpty(service.ErrorCode) =>
            Create(call, region, FailureOf(service), service),
        TimeoutRejectedException timeout => Unreachable(call, region, $"no answer within {timeout.Timeout.TotalSeconds:0} s", timeout),
        AmazonClientException client when IsAboutCredentials(client) => new SourceAccessDeniedException(
            $"{call.Permission} failed: no usable credentials: {client.Message}", client)
        {
            ResourceId = call.ResourceId,
            Remedy = "Give an access key, a profile or a role, or sign in (aws sso login).",
        },
        AmazonClientException or HttpRequestException or IOException or TimeoutException => Unreachable(call, region, Innermost(error).Message, error),
        _ => error,
    };

    /// <summary>Builds the exception for an answer of AWS.</summary>
    public static CoriolisException Create(AwsCall call, string region, AwsFailure failure, Exception? inner = null)
    {
        var rule = AwsErrorTable.Find(failure);
        var id = call.ResourceId is null ? "" : $" for {call.ResourceId}";
        var reason = failure.Reason is null ? "" : $" ({failure.Reason})";
        var message = $"{call.Permission} failed{id} in {region}: {failure.Code}{reason}: {failure.Message}";
        var remedy = rule.Remedy?.Replace("{permission}", call.Permission, StringComparison.Ordinal)
            .Replace("{region}", region, StringComparison.Ordinal)
            .Replace("{id}", call.ResourceId, StringComparison.Ordinal);
        var transient = rule.Retry != AwsRetry.No;
        return rule.Kind switch
        {
            AwsErrorKind.AccessDenied => new SourceAccessDeniedException(message, inner)
            { ResourceId = call.ResourceId, ErrorCode = failure.Code, RequestId = failure.RequestId, Remedy = remedy, IsTransient = transient },
            AwsErrorKind.InstanceNotFound => new InstanceNotFoundException(message, inner)
            { ResourceId = call.ResourceId, ErrorCode = failure.Code, RequestId = failure.RequestId, Remedy = remedy, IsTransient = transient },
            AwsErrorKind.UnsupportedInstance => new UnsupportedInstanceException(message, inner)
            { ResourceId = call.ResourceId, ErrorCode = failure.Code, RequestId = failure.RequestId, Remedy = remedy, IsTransient = transient },
            _ => new SourceException(message, inner)
            { ResourceId = call.ResourceId, ErrorCode = failure.Code, RequestId = failure.RequestId, Remedy = remedy, IsTransient = transient },
        };
    }

    /// <summary>How a failed attempt may be tried again.</summary>
    public static AwsRetry RetryOf(Exception error) => error switch
    {
        AmazonServiceException service when service.StatusCode != 0 || !string.IsNullOrEmpty(service.ErrorCode) =>
            AwsErrorTable.Find(FailureOf(service)).Retry,
        AmazonClientException client when IsAboutCredentials(client) => AwsRetry.No,
        CoriolisException { InnerException: { } inner } => RetryOf(inner),
        TimeoutRejectedException or TimeoutException or AmazonClientException or HttpRequestException or IOException => AwsRetry.ServerFault,
        _ => AwsRetry.No,
    };

    /// <summary>Whether an error says that a resource does not exist.</summary>
    public static bool IsNotFound(Exception error) =>
        error is CoriolisException { ErrorCode: { } code } && code.EndsWith("NotFound", StringComparison.Ordinal);

    private static AwsFailure FailureOf(AmazonServiceException error) =>
        new(error.ErrorCode ?? "", error.Message, error.StatusCode, error.RequestId);

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

    private static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
        {
            error = inner;
        }

        return error;
    }
}
