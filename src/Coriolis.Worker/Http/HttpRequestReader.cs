using System.Text;

namespace Coriolis.Worker;

/// <summary>Reads request heads from a connection, one after the other, within a fixed buffer.</summary>
internal sealed class HttpRequestReader(Stream stream)
{
    public const int MaxHeadSize = 16 * 1024;

    private const int MaxHeaders = 100;

    private readonly byte[] _buffer = new byte[MaxHeadSize];
    private int _length;

    /// <summary>Reads the next head; <see langword="null"/> when the client has nothing more to ask.</summary>
    /// <exception cref="HttpFaultException">What came is not a request that the agent understands.</exception>
    public async ValueTask<HttpRequest?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                var request = Parse(Encoding.Latin1.GetString(_buffer, 0, end));
                _length -= end + 4;
                _buffer.AsSpan(end + 4, _length).CopyTo(_buffer);
                return request;
            }

            if (_length == _buffer.Length)
            {
                throw new HttpFaultException(431, $"The head of a request may have {MaxHeadSize} bytes.");
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return _length == 0 ? null : throw new HttpFaultException(400, "The request is incomplete.");
            }

            _length += read;
        }
    }

    public static HttpRequest Parse(string head)
    {
        var lines = head.TrimStart('\r', '\n').Split("\r\n");
        var parts = lines[0].Split(' ');
        if (parts.Length != 3 || parts[0].Length == 0 || !parts[1].StartsWith('/') || parts[2] is not ("HTTP/1.1" or "HTTP/1.0"))
        {
            throw new HttpFaultException(400, "The request line is malformed.");
        }

        if (lines.Length > MaxHeaders)
        {
            throw new HttpFaultException(431, $"More than {MaxHeaders} headers.");
        }

        var target = parts[1].Split('?', 2);
        return new HttpRequest(
            parts[0],
            Uri.UnescapeDataString(target[0]),
            ParseQuery(target.Length > 1 ? target[1] : ""),
            ParseHeaders(lines.AsSpan(1)),
            parts[2] == "HTTP/1.1");
    }

    private static Dictionary<string, string> ParseHeaders(ReadOnlySpan<string> lines)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var name = colon > 0 ? line[..colon] : "";
            if (name.Length == 0 || name.AsSpan().ContainsAny(" \t"))
            {
                throw new HttpFaultException(400, "A header is malformed.");
            }

            var value = line[(colon + 1)..].Trim(' ', '\t');
            headers[name] = headers.TryGetValue(name, out var earlier) ? $"{earlier}, {value}" : value;
        }

        return headers;
    }

    private static Dictionary<string, string> ParseQuery(string query)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            values[Uri.UnescapeDataString(parts[0])] = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
        }

        return values;
    }
}
