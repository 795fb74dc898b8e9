using System.Text.Json.Serialization;

namespace Coriolis.Providers.Aws.Ebs;

// Errors spell "message" and "Message"; the other names are exact.
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EbsErrorBody))]
[JsonSerializable(typeof(StartSnapshotRequest))]
[JsonSerializable(typeof(StartSnapshotResponse))]
[JsonSerializable(typeof(CompleteSnapshotResponse))]
internal sealed partial class EbsJsonContext : JsonSerializerContext;
