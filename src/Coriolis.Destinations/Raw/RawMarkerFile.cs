using System.Text.Json;
using System.Text.Json.Serialization;
using Coriolis.Providers;
using Coriolis.Storage;

namespace Coriolis.Destinations;

/// <summary>The file <c>DISK-ID.raw.coriolis</c>: whose the disk beside it is, and what it holds.</summary>
internal sealed partial class RawMarkerFile(string path, DiskDescriptor disk)
{
    public string Path { get; } = path;

    public bool Exists => File.Exists(Path);

    /// <exception cref="DestinationException">The marker cannot be read, or belongs to another replica or disk.</exception>
    public RawMarker Read()
    {
        var marker = Parse();
        if (marker.ReplicaId == disk.ReplicaId && marker.DiskId == disk.DiskId)
        {
            return marker;
        }

        throw new DestinationException(
            $"The marker '{Path}' belongs to disk {marker.DiskId} of replica {marker.ReplicaId}, not to disk {disk.DiskId} of replica {disk.ReplicaId}.")
        {
            ResourceId = Path,
            Remedy = "Use the state directory that the replica was made with, or another destination folder.",
        };
    }

    public void Write(RawMarkerState state, string? contentRoot = null, string? executionId = null, FileIdentity? file = null)
    {
        var marker = new RawMarker
        {
            ReplicaId = disk.ReplicaId,
            DiskId = disk.DiskId,
            State = state,
            ContentRoot = contentRoot,
            ExecutionId = executionId,
            File = file,
        };
        DurableFile.Write(Path, JsonSerializer.SerializeToUtf8Bytes(marker, MarkerJson.Default.RawMarker));
    }

    public void Delete() => File.Delete(Path);

    private RawMarker Parse()
    {
        try
        {
            return JsonSerializer.Deserialize(DurableFile.ReadAllBytes(Path), MarkerJson.Default.RawMarker)
                ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new DestinationException($"The marker '{Path}' cannot be read: {e.Message}", e)
            {
                ResourceId = Path,
                Remedy = "If the disk beside it is a replica that may be overwritten, remove both.",
            };
        }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(RawMarker))]
    private sealed partial class MarkerJson : JsonSerializerContext;
}
