using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Coriolis.Aws.Emulator.State;

/// <summary>The file <c>state.json</c>: named sections, each owned by one part of the emulator, replaced as a whole by a rename.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class StateStore : IDisposable
{
    private const int FormatVersion = 1;

    private static readonly FileStreamOptions s_create = CreateOptions();

    private readonly string _path;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly FileStream _lock;
    private readonly ConcurrentDictionary<string, byte[]> _sections = new(StringComparer.Ordinal);

    public StateStore(string dataDirectory)
    {
        _path = Path.Combine(dataDirectory, "state.json");
        Directory.CreateDirectory(dataDirectory);
        // Two emulators on the same data would overwrite each other's state.
        _lock = new FileStream(Path.Combine(dataDirectory, "emulator.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            if (File.Exists(_path)) Load();
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Reads a section, or null when nothing was saved under this name.</summary>
    public T? Read<T>(string section, JsonTypeInfo<T> type)
        where T : class
    {
        if (!_sections.TryGetValue(section, out var json)) return null;
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException e)
        {
            throw Corrupt($"section '{section}': {e.Message}", e);
        }
    }

    /// <summary>Replaces a section by what its owner reads in its turn; the file holds either the old or the new one, never a part.</summary>
    public async Task WriteAsync<T>(string section, Func<T> read, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _sections[section] = JsonSerializer.SerializeToUtf8Bytes(read(), type);
            var temporary = _path + ".new";
            var file = new FileStream(temporary, s_create);
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(Render(), CancellationToken.None).ConfigureAwait(false);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        _gate.Dispose();
    }

    private static FileStreamOptions CreateOptions()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        // The file holds the secrets of credentials that STS has issued.
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private byte[] Render()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", FormatVersion);
            json.WriteStartObject("sections");
            foreach (var (name, value) in _sections.OrderBy(static section => section.Key, StringComparer.Ordinal))
            {
                json.WritePropertyName(name);
                json.WriteRawValue(value, skipInputValidation: true);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private void Load()
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(_path));
            var version = document.RootElement.GetProperty("version").GetInt32();
            if (version != FormatVersion) throw Corrupt($"format version {version}, this emulator reads {FormatVersion}", null);
            foreach (var section in document.RootElement.GetProperty("sections").EnumerateObject())
            {
                _sections[section.Name] = JsonSerializer.SerializeToUtf8Bytes(section.Value, JsonElementContext.Default.JsonElement);
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Corrupt(e.Message, e);
        }
    }

    private InvalidDataException Corrupt(string why, Exception? inner) => new(
        $"The emulator's state file '{_path}' cannot be read ({why}). Restore it from a copy, or delete the data directory to start empty.",
        inner);
}
