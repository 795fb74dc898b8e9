using System.Text.Json;

namespace Coriolis.Aws.Emulator.Http;

/// <summary>The JSON body of a request, read member by member; a member of the wrong type is the service's serialization error.</summary>
internal sealed class JsonRequest : IDisposable
{
    private readonly JsonDocument _document;

    private JsonRequest(JsonDocument document) => _document = document;

    public static JsonRequest Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            var document = JsonDocument.Parse(body.IsEmpty ? "{}"u8.ToArray() : body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return new JsonRequest(document);
            }

            document.Dispose();
            throw Malformed("The body is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw Malformed(e.Message);
        }
    }

    public string? Text(string name) => Read(name, JsonValueKind.String)?.GetString();

    public bool? Boolean(string name) =>
        Member(name) is { } value ? value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw WrongType(name),
        }
        : null;

    public long? Integer(string name) =>
        Read(name, JsonValueKind.Number) is { } value ? value.TryGetInt64(out var number) ? number : throw WrongType(name) : null;

    public IReadOnlyList<string> Texts(string name) => Read(name, JsonValueKind.Array) is { } list
        ? [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw WrongType(name))]
        : [];

    /// <summary>Returns the members of a list of objects whose values are strings.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Structures(string name) => Read(name, JsonValueKind.Array) is { } list
        ? [.. list.EnumerateArray().Select(item => item.ValueKind != JsonValueKind.Object
            ? throw WrongType(name)
            : item.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.ToString(), StringComparer.Ordinal))]
        : [];

    /// <summary>Returns the bytes of a member in base 64.</summary>
    public byte[]? Bytes(string name) =>
        Read(name, JsonValueKind.String) is not { } value ? null : value.TryGetBytesFromBase64(out var bytes) ? bytes : throw WrongType(name);

    /// <summary>Returns an object whose values are strings; empty when it is absent.</summary>
    public IReadOnlyDictionary<string, string> Map(string name) => Read(name, JsonValueKind.Object) is { } value
        ? value.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.ToString(), StringComparer.Ordinal)
        : new Dictionary<string, string>();

    /// <summary>Returns the member as JSON text, for what is stored and given back as it came.</summary>
    public string? Raw(string name) => Member(name)?.GetRawText();

    public void Dispose() => _document.Dispose();

    private JsonElement? Member(string name) =>
        _document.RootElement.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private JsonElement? Read(string name, JsonValueKind kind) =>
        Member(name) is { } value ? value.ValueKind == kind ? value : throw WrongType(name) : null;

    private static AwsErrorException WrongType(string name) => Malformed($"The member '{name}' has a value of the wrong type.");

    private static AwsErrorException Malformed(string message) => new("SerializationException", 400, message);
}
