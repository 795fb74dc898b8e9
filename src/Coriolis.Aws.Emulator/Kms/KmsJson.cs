using System.Text.Json.Serialization;

namespace Coriolis.Aws.Emulator.Kms;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(KeyRingState))]
internal sealed partial class KmsJson : JsonSerializerContext;
