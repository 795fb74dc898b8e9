using System.Text.Json.Serialization;

namespace Coriolis.Cli;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ExecutionDocument))]
[JsonSerializable(typeof(FailureDocument))]
[JsonSerializable(typeof(InstancesDocument))]
[JsonSerializable(typeof(SweepDocument))]
[JsonSerializable(typeof(VerificationDocument))]
internal sealed partial class CliJsonContext : JsonSerializerContext;
