using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;

namespace Coriolis.Aws.Emulator.Storage;

/// <summary>The volumes on disk: a raw file and a record for each, and a lock that keeps the emulator's own writes out of a capture.</summary>
internal sealed class VolumeFolder(string dataDirectory)
{
    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new();

    public string GetDataPath(string region, string volumeId) => Path.Combine(GetFolder(region), CheckName(volumeId) + ".raw");

    public StoredVolume Read(string region, string volumeId) => TryRead(region, volumeId)
        ?? throw new FileNotFoundException($"Volume {volumeId} has no bytes in region {region}.", GetRecordPath(region, volumeId));

    /// <summary>Reads the record, or null when the volume has no bytes: the record is written last and deleted first.</summary>
    public StoredVolume? TryRead(string region, string volumeId)
    {
        var path = GetRecordPath(region, volumeId);
        return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), StorageJson.Default.StoredVolume) : null;
    }

    public IReadOnlyCollection<string> Find(string region) => !Directory.Exists(GetFolder(region))
        ? []
        : [.. Directory.EnumerateFiles(GetFolder(region), "vol-*").Select(static path => Path.GetFileName(path).Split('.')[0]).Distinct()];

    public void Write(string region, string volumeId, StoredVolume record)
    {
        var path = GetRecordPath(region, volumeId);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var file = File.Create(path + ".new"))
        {
            JsonSerializer.Serialize(file, record, StorageJson.Default.StoredVolume);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    public void Delete(string region, string volumeId)
    {
        if (Directory.Exists(GetFolder(region)))
        {
            File.Delete(GetRecordPath(region, volumeId));
            File.Delete(GetDataPath(region, volumeId));
        }
    }

    public async Task<IDisposable> LockAsync(string region, string volumeId, CancellationToken cancellationToken)
    {
        var gate = _locks.GetOrAdd(region + "/" + volumeId, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Releaser(gate);
    }

    /// <summary>Names become paths, and the region comes from the client's signature: nothing but ids may pass.</summary>
    public static string CheckName(string name) =>
        name.Length is > 0 and <= 64 && !name.AsSpan().ContainsAnyExcept(s_nameCharacters)
            ? name
            : throw new ArgumentException($"'{name}' is not a region name or resource id.", nameof(name));

    private string GetFolder(string region) => Path.Combine(dataDirectory, CheckName(region), "volumes");

    private string GetRecordPath(string region, string volumeId) => Path.Combine(GetFolder(region), CheckName(volumeId) + ".json");

    private sealed class Releaser(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
