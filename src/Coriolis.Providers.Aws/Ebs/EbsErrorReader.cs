using System.Text.Json;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Turns a refused request into an <see cref="EbsException"/>.</summary>
internal static class EbsErrorReader
{
    // Errors of the service are a few hundred bytes; a proxy's page is cut off here.
    private const int MaxBodyLength = 64 * 1024;

    public static async Task<EbsException> ReadAsync(EbsCall call, HttpResponseMessage response, string? requestId, AttemptWatch watch)
    {
        var body = await ReadBodyAsync(response, watch).ConfigureAwait(false);
        var header = response.Headers.NonValidated.TryGetValues("x-amzn-ErrorType", out var values) ? values.ToString() : null;
        var code = ShortCode(header ?? body?.Type) ?? $"HTTP {(int)response.StatusCode}";
        var text = body?.Message is { } message ? QuotedSecrets.RemoveFrom(message) : response.ReasonPhrase;
        return Create(call, code, text, body?.Reason, response, requestId);
    }

    private static EbsException Create(EbsCall call, string code, string? text, string? reason, HttpResponseMessage response, string? requestId) =>
        new(Describe(call, reason is null ? $"{code}: {text}" : $"{code} ({reason}): {text}"))
        {
            Operation = call.Operation,
            SnapshotId = call.SnapshotId,
            Code = code,
            Reason = reason,
            ServiceMessage = text,
            Status = response.StatusCode,
            RequestId = requestId,
        };

    /// <summary>The sentence that every failure of a call begins with.</summary>
    public static string Describe(EbsCall call, string cause) => call.Attempt > 1
        ? $"{call.Operation} of {call.Subject} failed (attempt {call.Attempt}, after {call.Elapsed.TotalSeconds:0.0} s): {cause}"
        : $"{call.Operation} of {call.Subject} failed: {cause}";

    // "AccessDeniedException:http://internal.amazon.com/…" and "com.amazonaws.ebs#AccessDeniedException" are both in use.
    private static string? ShortCode(string? code) => code?.Split(':')[0].Split('#')[^1];

    private static async Task<EbsErrorBody?> ReadBodyAsync(HttpResponseMessage response, AttemptWatch watch)
    {
        var body = new byte[(int)Math.Min(response.Content.Headers.ContentLength ?? MaxBodyLength, MaxBodyLength)];
        var stream = await response.Content.ReadAsStreamAsync(watch.Token).ConfigureAwait(false);
        var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, watch.Token).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(body.AsSpan(0, length), EbsJsonContext.Default.EbsErrorBody);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
