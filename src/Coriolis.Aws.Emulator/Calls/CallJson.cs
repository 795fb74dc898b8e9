using System.Text.Json.Serialization;
using Coriolis.Aws.Emulator.Faults;

namespace Coriolis.Aws.Emulator.Calls;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(FaultKindConverter)])]
[JsonSerializable(typeof(RecordedCall))]
internal sealed partial class CallJson : JsonSerializerContext;
