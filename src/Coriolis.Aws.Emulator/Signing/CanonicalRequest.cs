using System.Security.Cryptography;
using System.Text;

namespace Coriolis.Aws.Emulator.Signing;

/// <summary>Builds the canonical request of Signature Version 4 from what came over the wire.</summary>
internal static class CanonicalRequest
{
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    private static readonly byte[] s_hexDigits = "0123456789ABCDEF"u8.ToArray();

    public static string Build(IncomingRequest request, SignedRequest signature)
    {
        var text = new StringBuilder()
            .Append(request.Method).Append('\n')
            .Append(Path(request.RawPath)).Append('\n')
            .Append(Query(request.Query)).Append('\n');
        foreach (var name in signature.SignedHeaders)
        {
            var values = request.Headers.TryGetValue(name, out var found) ? found : [];
            text.Append(name).Append(':').AppendJoin(',', values.Select(Trim)).Append('\n');
        }

        return text.Append('\n').AppendJoin(';', signature.SignedHeaders).Append('\n').Append(PayloadHash(request)).ToString();
    }

    public static string PayloadHash(IncomingRequest request) =>
        request.Header("x-amz-content-sha256") is UnsignedPayload
            ? UnsignedPayload
            : Convert.ToHexStringLower(SHA256.HashData(request.Body.Span));

    /// <summary>Every service but S3 signs the normalised path, its wire form encoded once more.</summary>
    private static string Path(string rawPath)
    {
        var segments = new List<string>();
        foreach (var segment in rawPath.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == "..")
            {
                if (segments.Count > 0) segments.RemoveAt(segments.Count - 1);
            }
            else if (segment != ".")
            {
                segments.Add(Encode(segment));
            }
        }

        var path = "/" + string.Join('/', segments);
        return path.Length > 1 && rawPath.EndsWith('/') ? path + "/" : path;
    }

    private static string Query(IEnumerable<KeyValuePair<string, string>> query) => string.Join('&', query
        .Where(static pair => pair.Key != "X-Amz-Signature")
        .Select(static pair => (Name: Encode(pair.Key), Value: Encode(pair.Value)))
        .OrderBy(static pair => pair.Name, StringComparer.Ordinal)
        .ThenBy(static pair => pair.Value, StringComparer.Ordinal)
        .Select(static pair => $"{pair.Name}={pair.Value}"));

    private static string Trim(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var character in value.Trim())
        {
            if (character != ' ' || text[^1] != ' ') text.Append(character);
        }

        return text.ToString();
    }

    private static string Encode(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~')
            {
                text.Append((char)octet);
            }
            else
            {
                text.Append('%').Append((char)s_hexDigits[octet >> 4]).Append((char)s_hexDigits[octet & 15]);
            }
        }

        return text.ToString();
    }
}
