using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coriolis.Storage;

namespace Coriolis.Morphing.Runs;

/// <summary>The report of a run as it is kept on disk, with what is needed to take the run back.</summary>
internal sealed record MorphRecord
{
    public const string CurrentFormat = "coriolis-morph/1";

    public required string Format { get; init; }

    public required MorphRecordState State { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>When the run was taken back on request.</summary>
    public DateTimeOffset? UndoTime { get; init; }

    /// <summary>What the guest was called; absent in reports of earlier versions.</summary>
    public string? Guest { get; init; }

    /// <summary>The disks that the run had mounted; empty where somebody else had.</summary>
    public required IReadOnlyList<string> Disks { get; init; }

    public required GuestOs Os { get; init; }

    public required IReadOnlyList<MorphReport> Morphs { get; init; }

    public required IReadOnlyList<MorphedFile> Files { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Name of the archive, in the folder of the record.</summary>
    public required string UndoArchive { get; init; }

    public required string UndoArchiveSha256 { get; init; }

    public static MorphRecord? TryRead(string path)
    {
        if (!File.Exists(path))
            return null;

        try
        {
            if (JsonSerializer.Deserialize(DurableFile.ReadAllBytes(path), MorphRecordJson.Default.MorphRecord) is { Format: CurrentFormat } record)
                return record;
        }
        catch (JsonException)
        {
            // Answered below, like any other file that is not a report.
        }
        catch (IOException failure)
        {
            throw new GuestException($"The morph report {path} cannot be read: {failure.Message}", failure) { ResourceId = path };
        }

        throw new GuestException($"{path} is not a morph report of the format {CurrentFormat}.") { ResourceId = path };
    }

    /// <summary>Replaces the record on disk at once, and durably.</summary>
    public void Write(string path) => DurableFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, MorphRecordJson.Default.MorphRecord));

    /// <summary>Opens the archive that belongs to a record, after checking that it is whole.</summary>
    public FileStream OpenArchive(string recordPath)
    {
        var path = Path.Combine(Path.GetDirectoryName(recordPath)!, Path.GetFileName(UndoArchive));
        FileStream archive;
        try
        {
            archive = File.OpenRead(path);
        }
        catch (IOException failure)
        {
            throw new GuestException($"The undo archive {path} cannot be read: {failure.Message}", failure) { ResourceId = path };
        }

        if (Convert.ToHexStringLower(SHA256.HashData(archive)) != UndoArchiveSha256)
        {
            archive.Dispose();
            throw new GuestException($"The undo archive {path} is damaged or belongs to another report.") { ResourceId = path };
        }

        archive.Position = 0;
        return archive;
    }
}

[JsonSerializable(typeof(MorphRecord))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
internal sealed partial class MorphRecordJson : JsonSerializerContext;
