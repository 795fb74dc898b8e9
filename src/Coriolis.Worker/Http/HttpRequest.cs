namespace Coriolis.Worker;

/// <summary>The head of a request. Header names compare without case.</summary>
internal sealed record HttpRequest(
    string Method,
    string Path,
    IReadOnlyDictionary<string, string> Query,
    IReadOnlyDictionary<string, string> Headers,
    bool IsHttp11)
{
    public bool IsHead => Method == "HEAD";

    /// <summary>The agent takes no bodies; a request that has one is answered, and its connection closed.</summary>
    public bool HasBody => Headers.ContainsKey("Transfer-Encoding") || Headers.GetValueOrDefault("Content-Length", "0") != "0";

    public bool WantsKeepAlive
    {
        get
        {
            var connection = Headers.GetValueOrDefault("Connection", "");
            return !HasBody && (IsHttp11
                ? !connection.Contains("close", StringComparison.OrdinalIgnoreCase)
                : connection.Contains("keep-alive", StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>
    /// Whether the client said that it understands gzip, and did not take it back with a weight of zero. A packed body has no known
    /// length, and without chunks a client could not tell a torn one from a whole one.
    /// </summary>
    public bool AcceptsGzip => IsHttp11 && Headers.GetValueOrDefault("Accept-Encoding", "").Split(',')
        .Select(coding => coding.Split(';', StringSplitOptions.TrimEntries))
        .Any(parts => parts[0].Equals("gzip", StringComparison.OrdinalIgnoreCase)
            && !parts.Skip(1).Any(parameter => parameter.Replace(" ", "", StringComparison.Ordinal).TrimEnd('0', '.') is "q=" or "Q="));
}
