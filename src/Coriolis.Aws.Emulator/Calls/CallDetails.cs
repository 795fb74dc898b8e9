using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Calls;

/// <summary>What a request asks for, taken from the places where its protocol puts it.</summary>
internal sealed partial record CallDetails(IReadOnlyList<string> ResourceIds, IReadOnlyDictionary<string, string> Parameters)
{
    private const int MaxValueLength = 200;

    // Secrets, bulk, and what the other columns say.
    private static readonly string[] s_hidden =
    [
        "Action", "Version", "UserData", "PublicKeyMaterial", "NextToken", "blockToken", "pageToken",
        "Plaintext", "CiphertextBlob", "GrantToken", "GrantTokens", "TokenCode",
    ];

    public static CallDetails Of(ServiceCall call)
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var ids = new List<string>();
        switch (call.Service)
        {
            case ServiceNames.Ebs:
                AddBlockApi(call, parameters, ids);
                break;
            case ServiceNames.Kms:
                AddJson(call.Body, parameters, ids);
                break;
            default:
                foreach (var (name, value) in call.Parameters.All)
                {
                    Add(name, value, parameters, ids);
                }

                break;
        }

        return new CallDetails([.. ids.Distinct()], parameters);
    }

    /// <summary>Returns the EC2 ids in a text, each once.</summary>
    public static IReadOnlyList<string> FindIds(string text) => [.. ResourceId().Matches(text).Select(match => match.Value).Distinct()];

    private static void AddBlockApi(ServiceCall call, SortedDictionary<string, string> parameters, List<string> ids)
    {
        var segments = call.Http.Request.Path.Value!.Trim('/').Split('/');
        ids.AddRange(segments.Where(segment => segment.StartsWith("snap-", StringComparison.Ordinal)));
        if (segments is [_, _, "blocks", var index])
        {
            parameters["blockIndex"] = index;
        }

        foreach (var (name, value) in call.Http.Request.Query)
        {
            Add(name, value.ToString(), parameters, ids);
        }

        if (call.Operation == "StartSnapshot")
        {
            AddJson(call.Body, parameters, ids);
        }
    }

    private static void AddJson(ReadOnlyMemory<byte> body, SortedDictionary<string, string> parameters, List<string> ids)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                Add(member.Name, member.Value.ToString(), parameters, ids);
                if (member.NameEquals("KeyId") || member.NameEquals("TargetKeyId"))
                {
                    ids.Add(member.Value.ToString());
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or not an object: the service answers that.
            parameters["body"] = Shorten(Encoding.UTF8.GetString(body.Span));
        }
    }

    private static void Add(string name, string value, SortedDictionary<string, string> parameters, List<string> ids)
    {
        if (s_hidden.Contains(name) || name.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        parameters[name] = Shorten(value);
        ids.AddRange(FindIds(value));
    }

    private static string Shorten(string value) => value.Length <= MaxValueLength ? value : value[..MaxValueLength];

    [GeneratedRegex(@"\b(?:i|vol|snap|ami|sg|sgr|subnet|vpc|eni|key)-[0-9a-f]{8,17}\b", RegexOptions.CultureInvariant)]
    private static partial Regex ResourceId();
}
