using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>Signature Version 4 for requests whose parts are canonical already; keys come from the AWS SDK's signer.</summary>
/// <remarks>
/// Safe for concurrent use. The SDK's <c>SignRequest</c> builds dictionaries and strings for each request; here the canonical request is
/// written once into a buffer that is kept per thread, and the signing key is derived once per day and key.
/// </remarks>
internal sealed class EbsRequestSigner(string region, string service)
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_buffer;

    private SigningKey? _key;
    private Timestamp? _timestamp;

    /// <summary>The value of <c>x-amz-date</c> for a moment.</summary>
    public string FormatDate(DateTimeOffset now) => GetTimestamp(now).Text;

    /// <summary>Computes the <c>Authorization</c> header.</summary>
    /// <param name="credentials">Who signs.</param>
    /// <param name="now">The moment that <c>x-amz-date</c> states.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path, escaped.</param>
    /// <param name="query">The query, escaped and sorted, without question mark.</param>
    /// <param name="headers">All headers to sign: lower-case names, sorted.</param>
    /// <param name="payloadHash">The hash of the body in hexadecimal, or <c>UNSIGNED-PAYLOAD</c>.</param>
    public string Sign(
        ImmutableCredentials credentials,
        DateTimeOffset now,
        string method,
        string path,
        string query,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        string payloadHash)
    {
        var timestamp = GetTimestamp(now);
        var buffer = s_buffer ??= new ArrayBufferWriter<byte>(2048);
        buffer.ResetWrittenCount();
        Append(buffer, method, "\n", path, "\n", query, "\n");
        for (var i = 0; i < headers.Count; i++)
        {
            Append(buffer, headers[i].Key, ":", headers[i].Value, "\n");
        }

        Append(buffer, "\n");
        var signedHeaders = AppendNames(buffer, headers);
        Append(buffer, "\n", payloadHash);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<char> hex = stackalloc char[2 * SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.WrittenSpan, hash);
        Convert.TryToHexStringLower(hash, hex, out _);

        buffer.ResetWrittenCount();
        Append(buffer, AWS4Signer.AWS4AlgorithmTag, "\n", timestamp.Text, "\n", timestamp.Scope, "\n");
        Encoding.UTF8.GetBytes(hex, buffer);
        HMACSHA256.HashData(GetKey(credentials.SecretKey, timestamp.Day), buffer.WrittenSpan, hash);
        Convert.TryToHexStringLower(hash, hex, out _);
        return $"{AWS4Signer.AWS4AlgorithmTag} Credential={credentials.AccessKey}/{timestamp.Scope}, SignedHeaders={signedHeaders}, Signature={hex}";
    }

    private static void Append(ArrayBufferWriter<byte> buffer, params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            Encoding.UTF8.GetBytes(part, buffer);
        }
    }

    private static string AppendNames(ArrayBufferWriter<byte> buffer, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        var start = buffer.WrittenCount;
        for (var i = 0; i < headers.Count; i++)
        {
            Append(buffer, i == 0 ? "" : ";", headers[i].Key);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan[start..]);
    }

    private byte[] GetKey(string secret, string day)
    {
        var key = _key;
        if (key is null || key.Day != day || key.Secret != secret)
        {
            key = new SigningKey(secret, day, AWS4Signer.ComposeSigningKey(secret, region, day, service));
            _key = key;
        }

        return key.Bytes;
    }

    private Timestamp GetTimestamp(DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        var timestamp = _timestamp;
        if (timestamp is null || timestamp.Second != second)
        {
            var text = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
            var day = text[..8];
            timestamp = new Timestamp(second, text, day, $"{day}/{region}/{service}/{AWS4Signer.Terminator}");
            _timestamp = timestamp;
        }

        return timestamp;
    }

    private sealed record SigningKey(string Secret, string Day, byte[] Bytes);

    private sealed record Timestamp(long Second, string Text, string Day, string Scope);
}
