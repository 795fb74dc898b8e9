using System.Text.Json.Serialization;

namespace Coriolis.Aws.Emulator.State;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RegionState))]
internal sealed partial class StateJsonContext : JsonSerializerContext;
