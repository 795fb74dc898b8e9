using System.Text.Json;

namespace Coriolis.Worker;

/// <summary>Writes the JSON of the existing replicator.</summary>
internal static class DeviceDocument
{
    private const int FlushThreshold = 32 * 1024;

    public static async Task WriteDeviceAsync(Utf8JsonWriter json, HashedDisk hashed, ReplicatorOptions options, bool brief, CancellationToken cancellationToken)
    {
        var device = hashed.Disk.Device;
        json.WriteStartObject();
        json.WriteString("device-path", device.Path);
        json.WriteString("device-name", device.Name);
        json.WriteNumber("size", device.SizeBytes);
        json.WriteString("checksum-algorithm", options.HashName);
        json.WriteNumber("chunk-size", options.ChunkSize);
        json.WriteNumber("logical-sector-size", device.LogicalSectorSize);
        json.WriteNumber("physical-sector-size", device.PhysicalSectorSize);
        json.WriteNumber("alignment-offset", hashed.Disk.SysfsPath is { } sysfs ? Sysfs.ReadNumber(sysfs, "alignment_offset") : 0);
        json.WriteBoolean("has-mounted-partitions", device.IsInUse);
        json.WriteStartObject("checksum-status");
        json.WriteString("status", NameOf(hashed.Status));
        json.WriteNumber("total-chunks", hashed.Chunks.Count);
        json.WriteNumber("completed-chunks", hashed.CompletedChunks);
        json.WriteNumber("percentage", hashed.Percentage);
        json.WriteEndObject();
        WritePartitions(json, hashed.Disk);
        if (!brief)
        {
            json.WritePropertyName("chunks");
            await WriteChunksAsync(json, hashed, static (_, _) => true, cancellationToken).ConfigureAwait(false);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the chunks that are known and chosen, flushing as it goes: a large disk has a hundred thousand of them.</summary>
    public static async Task WriteChunksAsync(
        Utf8JsonWriter json, HashedDisk hashed, Func<HashedDisk, int, bool> isChosen, CancellationToken cancellationToken)
    {
        json.WriteStartArray();
        var known = hashed.CompletedChunks;
        for (var index = 0; index < known; index++)
        {
            if (isChosen(hashed, index))
            {
                WriteChunk(json, hashed.Chunks, index);
            }

            if (json.BytesPending > FlushThreshold)
            {
                await json.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteChunk(Utf8JsonWriter json, ChunkTable chunks, int index)
    {
        json.WriteStartObject();
        json.WriteNumber("offset", chunks.OffsetOf(index));
        json.WriteNumber("length", chunks.LengthOf(index));
        if (chunks.StateOf(index) != ChunkState.Unreadable)
        {
            json.WriteString("checksum", Convert.ToHexStringLower(chunks.DigestOf(index)));
        }

        json.WriteEndObject();
    }

    private static void WritePartitions(Utf8JsonWriter json, Disk disk)
    {
        json.WriteStartArray("partitions");
        foreach (var partition in Partitions.List(disk))
        {
            json.WriteStartObject();
            json.WriteString("name", partition.Name);
            json.WriteNumber("sectors", partition.Sectors);
            json.WriteString("uuid", partition.Uuid);
            json.WriteString("fs", partition.FileSystem);
            json.WriteNumber("start-sector", partition.StartSector);
            json.WriteNumber("end-sector", partition.StartSector + partition.Sectors - 1);
            json.WriteNumber("alignment-offset", partition.AlignmentOffset);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string NameOf(HashingStatus status) => status switch
    {
        HashingStatus.Running => "running",
        HashingStatus.Finished => "finished",
        HashingStatus.Failed => "failed",
        _ => "pending",
    };
}
