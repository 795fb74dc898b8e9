using System.Text.Json.Serialization;

namespace Coriolis.Benchmarks;

[JsonSerializable(typeof(ClientResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
