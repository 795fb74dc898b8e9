using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Coriolis.Aws.Emulator.Tests.Hosting;

/// <summary>Signs requests that the SDK would not send, by an implementation of its own.</summary>
internal static class RawRequest
{
    public static HttpRequestMessage Sign(TestEmulator emulator, string form, DateTimeOffset time, string service = "ec2")
    {
        var date = time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{date[..8]}/{TestEmulator.Region}/{service}/aws4_request";
        var host = emulator.Emulator.Endpoint.Authority;
        var canonical = $"POST\n/\n\nhost:{host}\nx-amz-date:{date}\n\nhost;x-amz-date\n{Hash(form)}";
        var request = new HttpRequestMessage(HttpMethod.Post, emulator.Emulator.Endpoint) { Content = new StringContent(form) };
        request.Headers.Add("X-Amz-Date", date);
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={emulator.Emulator.AccessKeyId}/{scope}, SignedHeaders=host;x-amz-date, Signature={Signature(emulator, date, scope, canonical)}");
        return request;
    }

    public static Uri Presign(TestEmulator emulator, string query, DateTimeOffset time, TimeSpan validity)
    {
        var date = time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{date[..8]}/{TestEmulator.Region}/ec2/aws4_request";
        var signed = $"{query}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Uri.EscapeDataString($"{emulator.Emulator.AccessKeyId}/{scope}")}"
            + $"&X-Amz-Date={date}&X-Amz-Expires={(int)validity.TotalSeconds}&X-Amz-SignedHeaders=host";
        var sorted = string.Join('&', signed.Split('&').Order(StringComparer.Ordinal));
        var canonical = $"GET\n/\n{sorted}\nhost:{emulator.Emulator.Endpoint.Authority}\n\nhost\n{Hash("")}";
        return new Uri(emulator.Emulator.Endpoint, $"/?{signed}&X-Amz-Signature={Signature(emulator, date, scope, canonical)}");
    }

    private static string Signature(TestEmulator emulator, string date, string scope, string canonical)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + emulator.Emulator.SecretAccessKey);
        foreach (var part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hash(canonical)}")));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
