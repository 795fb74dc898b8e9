using System.Text.Json.Serialization;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>The JSON body of an error.</summary>
internal sealed record EbsErrorBody
{
    public string? Message { get; init; }

    public string? Reason { get; init; }

    [JsonPropertyName("__type")]
    public string? Type { get; init; }
}
