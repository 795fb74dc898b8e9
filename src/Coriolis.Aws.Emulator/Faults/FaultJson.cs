using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coriolis.Aws.Emulator.Faults;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    Converters = [typeof(FaultKindConverter)])]
[JsonSerializable(typeof(FaultFileContent))]
internal sealed partial class FaultJson : JsonSerializerContext;
