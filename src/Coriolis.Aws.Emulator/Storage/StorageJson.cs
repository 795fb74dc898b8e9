using System.Text.Json.Serialization;

namespace Coriolis.Aws.Emulator.Storage;

[JsonSerializable(typeof(SnapshotHeader))]
[JsonSerializable(typeof(StoredVolume))]
internal sealed partial class StorageJson : JsonSerializerContext;
