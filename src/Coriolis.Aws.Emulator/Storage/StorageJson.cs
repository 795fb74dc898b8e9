using System.Text.Json.Serialization;

namespace Coriolis.Aws.Emulator.Storage;

[JsonSerializable(typeof(SnapshotHeader))]
[JsonSerializable(typeof(VolumeRecord))]
internal sealed partial class StorageJson : JsonSerializerContext;
