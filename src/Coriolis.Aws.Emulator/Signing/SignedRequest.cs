using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Signing;

/// <summary>The signature of a request as the client sent it, parsed but not verified.</summary>
internal sealed record SignedRequest
{
    public const string Algorithm = "AWS4-HMAC-SHA256";

    public required string AccessKeyId { get; init; }

    /// <summary>The day of the credential scope, <c>yyyyMMdd</c>.</summary>
    public required string Day { get; init; }

    public required string Region { get; init; }

    public required string Service { get; init; }

    public required IReadOnlyList<string> SignedHeaders { get; init; }

    public required string Signature { get; init; }

    /// <summary>The time of signing, <c>yyyyMMdd'T'HHmmss'Z'</c>.</summary>
    public required string Timestamp { get; init; }

    public string? SessionToken { get; init; }

    /// <summary>How long a presigned request is valid; none for the header form.</summary>
    public TimeSpan? Expires { get; init; }

    public string Scope => $"{Day}/{Region}/{Service}/aws4_request";

    /// <summary>Reads the signature; null when the request is not signed at all.</summary>
    public static SignedRequest? Parse(IncomingRequest request)
    {
        var authorization = request.Header("authorization");
        if (authorization is not null) return FromHeader(request, authorization);
        return request.QueryValue("X-Amz-Algorithm") is null ? null : FromQuery(request);
    }

    private static SignedRequest FromHeader(IncomingRequest request, string authorization)
    {
        if (!authorization.StartsWith(Algorithm + " ", StringComparison.Ordinal))
        {
            throw Incomplete($"Unsupported authorization type; use {Algorithm}.");
        }

        var parts = authorization[(Algorithm.Length + 1)..]
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(static part => part.Split('=', 2))
            .Where(static part => part.Length == 2)
            .GroupBy(static part => part[0], StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.Last()[1], StringComparer.Ordinal);
        var timestamp = request.Header("x-amz-date") ?? request.Header("date")
            ?? throw Incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
        return Create(
            parts.GetValueOrDefault("Credential"), parts.GetValueOrDefault("SignedHeaders"), parts.GetValueOrDefault("Signature"),
            timestamp, request.Header("x-amz-security-token"), expires: null);
    }

    private static SignedRequest FromQuery(IncomingRequest request)
    {
        if (request.QueryValue("X-Amz-Algorithm") != Algorithm) throw Incomplete($"X-Amz-Algorithm must be {Algorithm}.");
        if (!int.TryParse(request.QueryValue("X-Amz-Expires") ?? "300", out var seconds) || seconds is < 0 or > 604800)
        {
            throw Incomplete("X-Amz-Expires must be between 0 and 604800 seconds.");
        }

        return Create(
            request.QueryValue("X-Amz-Credential"), request.QueryValue("X-Amz-SignedHeaders"), request.QueryValue("X-Amz-Signature"),
            request.QueryValue("X-Amz-Date") ?? throw Incomplete("X-Amz-Date is missing."),
            request.QueryValue("X-Amz-Security-Token"), TimeSpan.FromSeconds(seconds));
    }

    private static SignedRequest Create(
        string? credential, string? signedHeaders, string? signature, string timestamp, string? sessionToken, TimeSpan? expires)
    {
        if (credential is null || signedHeaders is null || signature is null)
        {
            throw Incomplete("Authorization requires 'Credential', 'SignedHeaders' and 'Signature' parameters.");
        }

        // The access key id is first; the scope's four parts are last.
        if (credential.Split('/') is not [var accessKeyId, var day, var region, var service, "aws4_request"])
        {
            throw Incomplete("Credential must have 5 slash-delimited elements: access key id, day, region, service and 'aws4_request'.");
        }

        return new SignedRequest
        {
            AccessKeyId = accessKeyId,
            Day = day,
            Region = region,
            Service = service,
            SignedHeaders = signedHeaders.Split(';'),
            Signature = signature,
            Timestamp = timestamp,
            SessionToken = string.IsNullOrEmpty(sessionToken) ? null : sessionToken,
            Expires = expires,
        };
    }

    private static AwsErrorException Incomplete(string message) => new("IncompleteSignature", 400, message);
}
