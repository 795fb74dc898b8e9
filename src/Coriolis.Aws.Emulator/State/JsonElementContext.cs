using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coriolis.Aws.Emulator.State;

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class JsonElementContext : JsonSerializerContext;
