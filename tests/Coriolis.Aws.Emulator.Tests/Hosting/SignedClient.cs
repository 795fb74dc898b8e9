using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amazon.Runtime.Internal.Auth;

namespace Coriolis.Aws.Emulator.Tests.Hosting;

/// <summary>Sends plain HTTP requests signed by the AWS SDK's signer, for services and headers that no SDK client shows.</summary>
internal sealed class SignedClient(Uri endpoint, string accessKeyId, string secretAccessKey, string service, string region = TestEmulator.Region) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = endpoint };

    public string? SessionToken { get; init; }

    public Task<HttpResponseMessage> GetAsync(string pathAndQuery, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, pathAndQuery, [], [], cancellationToken);

    /// <summary>Gets a JSON document, asserting that the call succeeded.</summary>
    public async Task<JsonElement> GetJsonAsync(string pathAndQuery)
    {
        using var response = await GetAsync(pathAndQuery);
        return await ReadJsonAsync(response);
    }

    public static async Task<JsonElement> ReadJsonAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, $"{response.StatusCode}: {text}");
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>Asserts that a call failed, and returns "status error reason".</summary>
    public static async Task<string> ReadErrorAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.False, text);
        using var document = JsonDocument.Parse(text);
        var reason = document.RootElement.TryGetProperty("Reason", out var value) ? value.GetString() : "-";
        return $"{(int)response.StatusCode} {response.Headers.GetValues("x-amzn-ErrorType").Single()} {reason}";
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string pathAndQuery, Dictionary<string, string> headers, byte[] body, CancellationToken cancellationToken = default)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var (path, query) = pathAndQuery.Split('?', 2) is [var first, var second] ? (first, second) : (pathAndQuery, "");
        var signed = new SortedDictionary<string, string>(headers, StringComparer.Ordinal)
        {
            ["host"] = endpoint.Authority,
            ["x-amz-date"] = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture),
            ["x-amz-content-sha256"] = Convert.ToHexStringLower(SHA256.HashData(body)),
        };
        if (SessionToken is not null)
        {
            signed["x-amz-security-token"] = SessionToken;
        }

        var names = string.Join(';', signed.Keys);
        var canonicalHeaders = string.Concat(signed.Select(header => $"{header.Key}:{header.Value}\n"));
        var canonicalQuery = string.Join('&', query.Split('&').Order(StringComparer.Ordinal));
        var canonical = $"{method}\n{path}\n{canonicalQuery}\n{canonicalHeaders}\n{names}\n{signed["x-amz-content-sha256"]}";
        var signature = AWS4Signer.ComputeSignature(accessKeyId, secretAccessKey, region, now, service, names, canonical);

        using var request = new HttpRequestMessage(method, pathAndQuery) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in signed.Where(header => header.Key != "host"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.TryAddWithoutValidation("authorization", signature.ForAuthorizationHeader);
        return await _http.SendAsync(request, cancellationToken);
    }

    public static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);

    public void Dispose() => _http.Dispose();
}
