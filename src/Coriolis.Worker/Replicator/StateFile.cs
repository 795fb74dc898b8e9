using System.Text.Json;

namespace Coriolis.Worker;

/// <summary>
/// The state of an earlier run, as the existing Coriolis client uploads it: absent, empty, <c>null</c>, <c>[]</c> or a list of device objects with
/// keys that the agent need not know. What cannot be used counts as not there, which makes the next transfer a full one.
/// </summary>
internal static class StateFile
{
    // The replicator's source is closed and the name of this key is not documented.
    private static readonly string[] s_digestKeys = ["checksum", "digest", "hash"];

    /// <summary>Reads the file: chunk tables by device name.</summary>
    public static IReadOnlyDictionary<string, ChunkTable> Read(string? path)
    {
        if (path is null || !File.Exists(path))
        {
            return new Dictionary<string, ChunkTable>();
        }

        using var stream = File.OpenRead(path);
        return stream.Length == 0 ? new Dictionary<string, ChunkTable>() : Parse(stream);
    }

    public static IReadOnlyDictionary<string, ChunkTable> Parse(Stream stream)
    {
        var tables = new Dictionary<string, ChunkTable>();
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(stream);
        }
        catch (JsonException)
        {
            return tables;
        }

        using (document)
        {
            if (document.RootElement.ValueKind == JsonValueKind.Array)
            {
                foreach (var device in document.RootElement.EnumerateArray())
                {
                    if (device.ValueKind == JsonValueKind.Object && TextOf(device, "device-name") is { } name && ReadTable(device) is { } table)
                    {
                        tables[name] = table;
                    }
                }
            }
        }

        return tables;
    }

    private static ChunkTable? ReadTable(JsonElement device)
    {
        var hash = TextOf(device, "checksum-algorithm") switch
        {
            "sha256" => HashKind.Sha256,
            "xxhash" => HashKind.XxHash64,
            _ => HashKind.None,
        };
        var (size, chunkSize) = (NumberOf(device, "size"), NumberOf(device, "chunk-size"));
        if (hash == HashKind.None || size is null or <= 0 || chunkSize is null or < 512 or > int.MaxValue
            || !device.TryGetProperty("chunks", out var chunks) || chunks.ValueKind != JsonValueKind.Array
            || size / chunkSize > chunks.GetArrayLength())
        {
            return null;
        }

        var table = new ChunkTable(size.Value, (int)chunkSize.Value, hash);
        foreach (var chunk in chunks.EnumerateArray())
        {
            ReadChunk(chunk, table);
        }

        return table;
    }

    private static void ReadChunk(JsonElement chunk, ChunkTable table)
    {
        if (chunk.ValueKind != JsonValueKind.Object || NumberOf(chunk, "offset") is not { } offset || NumberOf(chunk, "length") is not { } length
            || s_digestKeys.Select(key => TextOf(chunk, key)).FirstOrDefault(text => text is not null) is not { } hex)
        {
            return;
        }

        Span<byte> digest = stackalloc byte[64];
        var index = offset / table.ChunkSize;
        if (offset % table.ChunkSize == 0 && index >= 0 && index < table.Count && table.LengthOf((int)index) == length
            && Convert.FromHexString(hex, digest, out _, out var written) == System.Buffers.OperationStatus.Done
            && written == ChunkHasher.SizeOf(table.Hash))
        {
            table.Set((int)index, ChunkState.Data, digest);
        }
    }

    private static string? TextOf(JsonElement element, string name)
    {
        try
        {
            return element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // The text is not UTF-8, which is only found out when it is asked for.
            return null;
        }
    }

    private static long? NumberOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
