using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coriolis.Aws.Emulator.Faults;

/// <summary>Kinds of faults are written in camel case and never as numbers.</summary>
internal sealed class FaultKindConverter() : JsonStringEnumConverter<FaultKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
