using System.Text.Json;
using System.Text.Json.Serialization;
using Coriolis.Storage;

namespace Coriolis.Replication;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReplicaIdentity))]
[JsonSerializable(typeof(ReplicaHolder))]
[JsonSerializable(typeof(JournalRecord))]
[JsonSerializable(typeof(ResumePoint))]
[JsonSerializable(typeof(RunState))]
internal sealed partial class StateJson : JsonSerializerContext
{
    /// <summary>Reads a small state file.</summary>
    /// <exception cref="Coriolis.Providers.ReplicaStateException">It is not what it should be.</exception>
    public static T Read<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(DurableFile.ReadAllBytes(path), type)
                ?? throw StateErrors.Unreadable(path, "it is empty");
        }
        catch (JsonException e)
        {
            throw StateErrors.Unreadable(path, "it is not the JSON that was written there", e);
        }
    }
}
