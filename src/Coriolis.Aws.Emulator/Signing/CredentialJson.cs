using System.Text.Json.Serialization;

namespace Coriolis.Aws.Emulator.Signing;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CredentialState))]
internal sealed partial class CredentialJson : JsonSerializerContext;
