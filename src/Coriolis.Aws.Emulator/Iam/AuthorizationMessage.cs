using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Iam;

/// <summary>The details of a denial in the form that <c>sts:DecodeAuthorizationMessage</c> takes: opaque text, here compressed JSON.</summary>
internal static class AuthorizationMessage
{
    private const int MaxDecodedBytes = 256 * 1024;

    public static string Encode(CallerIdentity identity, AccessRequest request, AccessDecision decision)
    {
        using var buffer = new MemoryStream();
        using (var deflate = new DeflateStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        using (var json = new Utf8JsonWriter(deflate))
        {
            Write(json, identity, request, decision);
        }

        return Base64Url.EncodeToString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    /// <summary>The JSON of a message; null when the text is none.</summary>
    public static string? Decode(string encoded)
    {
        try
        {
            using var deflate = new DeflateStream(new MemoryStream(Base64Url.DecodeFromChars(encoded)), CompressionMode.Decompress);
            var bytes = new byte[MaxDecodedBytes];
            var length = deflate.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            using var document = JsonDocument.Parse(bytes.AsMemory(0, length));
            return Encoding.UTF8.GetString(bytes.AsSpan(0, length));
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or JsonException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, CallerIdentity identity, AccessRequest request, AccessDecision decision)
    {
        json.WriteStartObject();
        json.WriteBoolean("allowed", false);
        json.WriteBoolean("explicitDeny", decision is AccessDecision.DeniedByIdentity or AccessDecision.DeniedBySession);
        WriteItems(json, "matchedStatements", []);
        WriteItems(json, "failures", []);
        json.WriteStartObject("context");
        json.WriteStartObject("principal");
        json.WriteString("id", identity.UserId);
        json.WriteString("arn", identity.Arn);
        json.WriteEndObject();
        json.WriteString("action", request.Action);
        json.WriteString("resource", request.Resource);
        json.WriteStartObject("conditions");
        WriteItems(json, null, request.Keys.All);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteItems(Utf8JsonWriter json, string? name, IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> items)
    {
        if (name is not null) json.WriteStartObject(name);
        json.WriteStartArray("items");
        foreach (var (key, values) in items)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteStartObject("values");
            json.WriteStartArray("items");
            foreach (var value in values)
            {
                json.WriteStartObject();
                json.WriteString("value", value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (name is not null) json.WriteEndObject();
    }
}
