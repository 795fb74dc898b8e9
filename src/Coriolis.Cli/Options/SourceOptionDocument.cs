using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Coriolis.Providers.Aws;

namespace Coriolis.Cli;

/// <summary>One entry of what <c>options --json</c> prints, in the form of Coriolis's source options: values are ids, or objects where they have names.</summary>
internal sealed record SourceOptionDocument
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("values")]
    public required JsonArray Values { get; init; }

    [JsonPropertyName("config_default")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ConfigDefault { get; init; }

    public static SourceOptionDocument From(SourceOption option) => new()
    {
        Name = option.Name,
        Values = [.. option.Values.Select(ToNode)],
        ConfigDefault = option.Default,
    };

    private static JsonNode ToNode(SourceOptionValue value)
    {
        if (value.Name is null)
        {
            return JsonValue.Create(value.Id);
        }

        var node = new JsonObject { ["id"] = value.Id, ["name"] = value.Name };
        if (value.OsType is not null)
        {
            node["os_type"] = value.OsType;
        }

        return node;
    }
}
