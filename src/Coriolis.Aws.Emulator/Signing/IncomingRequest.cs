namespace Coriolis.Aws.Emulator.Signing;

/// <summary>The parts of an HTTP request that a signature covers, exactly as they came over the wire.</summary>
internal sealed class IncomingRequest
{
    public required string Method { get; init; }

    /// <summary>The path, still percent-encoded.</summary>
    public required string RawPath { get; init; }

    /// <summary>The query without its question mark, still percent-encoded.</summary>
    public required string RawQuery { get; init; }

    /// <summary>Header values by lower-case name.</summary>
    public required IReadOnlyDictionary<string, string[]> Headers { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    public string? Header(string lowerCaseName) => Headers.TryGetValue(lowerCaseName, out var values) ? string.Join(',', values) : null;

    /// <summary>The decoded names and values of the query.</summary>
    public IEnumerable<KeyValuePair<string, string>> Query =>
        RawQuery.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(static pair =>
        {
            var parts = pair.Split('=', 2);
            return KeyValuePair.Create(Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
        });

    public string? QueryValue(string name) => Query.Where(pair => pair.Key == name).Select(static pair => pair.Value).FirstOrDefault();
}
