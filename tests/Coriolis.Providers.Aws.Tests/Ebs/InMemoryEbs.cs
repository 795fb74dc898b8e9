using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;

namespace Coriolis.Providers.Aws.Tests.Ebs;

/// <summary>The list and read operations of the EBS direct APIs over sets of blocks, without sockets; each block is filled with one byte.</summary>
internal sealed class InMemoryEbs : HttpMessageHandler
{
    private const int BlockSize = 512 * 1024;

    private readonly ConcurrentDictionary<int, (byte[] Bytes, string Checksum)> _contents = new();

    public Dictionary<string, SortedDictionary<int, byte>> Snapshots { get; } = [];

    public long VolumeSize { get; set; } = 1;

    /// <summary>Entries per page, whatever the client asks for.</summary>
    public int PageLimit { get; set; } = int.MaxValue;

    /// <summary>Whether an empty page with a token precedes each page.</summary>
    public bool EmptyPages { get; set; }

    /// <summary>Whether lists begin after the starting index, as one of AWS's documents says.</summary>
    public bool StartIsExclusive { get; set; }

    /// <summary>Raised to make all tokens handed out so far invalid.</summary>
    public int TokenGeneration { get; set; }

    public DateTimeOffset ExpiryTime { get; set; } = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Answers instead of the service when it returns something.</summary>
    public Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage?>>? Intercept { get; set; }

    /// <summary>Method, path and query of every request.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public int Count(string fragment) => Requests.Count(request => request.Contains(fragment, StringComparison.Ordinal));

    public static HttpResponseMessage Error(HttpStatusCode status, string code, string? reason = null, string message = "No.")
    {
        var body = JsonSerializer.Serialize(new Dictionary<string, string?> { ["Message"] = message, ["Reason"] = reason });
        var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        response.Headers.Add("x-amzn-ErrorType", code);
        response.Headers.Add("x-amzn-RequestId", "request-1");
        return response;
    }

    public static HttpResponseMessage Block(HttpContent content, string? checksum, string? algorithm = "SHA256", string? length = "524288")
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
        response.Headers.Add("x-amzn-RequestId", "request-1");
        AddIfStated("x-amz-Checksum", checksum);
        AddIfStated("x-amz-Checksum-Algorithm", algorithm);
        AddIfStated("x-amz-Data-Length", length);
        return response;

        void AddIfStated(string name, string? value)
        {
            if (value is not null)
            {
                response.Headers.Add(name, value);
            }
        }
    }

    public HttpResponseMessage Block(byte fill)
    {
        var (bytes, checksum) = _contents.GetOrAdd(fill, static value =>
        {
            var bytes = new byte[BlockSize];
            bytes.AsSpan().Fill((byte)value);
            return (bytes, Convert.ToBase64String(SHA256.HashData(bytes)));
        });
        return Block(new ByteArrayContent(bytes), checksum);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Requests.Enqueue($"{request.Method} {request.RequestUri!.PathAndQuery}");
        if (Intercept is { } intercept && await intercept(request, cancellationToken) is { } answer)
        {
            return answer;
        }

        var path = request.RequestUri.AbsolutePath.Split('/');
        var query = HttpUtility.ParseQueryString(request.RequestUri.Query);
        if (!Snapshots.TryGetValue(path[2], out var blocks))
        {
            return NotFound(path[2]);
        }

        if (path is [.., "blocks"])
        {
            return List(path[2], query["pageToken"], query["startingBlockIndex"], query["maxResults"], blocks.Keys, "Blocks", (index, token) =>
                new() { ["BlockIndex"] = index, ["BlockToken"] = token });
        }

        if (path is [.., "changedblocks"])
        {
            return Snapshots.TryGetValue(query["firstSnapshotId"]!, out var first)
                ? Changes(path[2], first, blocks, query["pageToken"], query["startingBlockIndex"], query["maxResults"])
                : NotFound(query["firstSnapshotId"]!);
        }

        var block = int.Parse(path[4], CultureInfo.InvariantCulture);
        return query["blockToken"] == Token(path[2], block)
            ? Block(blocks[block])
            : Error(HttpStatusCode.BadRequest, "ValidationException", "INVALID_BLOCK_TOKEN");
    }

    private static HttpResponseMessage NotFound(string snapshotId) => Error(
        HttpStatusCode.NotFound, "ResourceNotFoundException", "SNAPSHOT_NOT_FOUND", $"The snapshot '{snapshotId}' does not exist.");

    private string Token(string snapshotId, int index) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes($"{snapshotId}/{index}/{TokenGeneration}?>"));

    private HttpResponseMessage Changes(
        string snapshotId, SortedDictionary<int, byte> first, SortedDictionary<int, byte> second, string? pageToken, string? start, string? limit)
    {
        var changed = new SortedSet<int>(first.Keys.Union(second.Keys)
            .Where(index => !first.TryGetValue(index, out var old) || !second.TryGetValue(index, out var now) || old != now));
        return List(snapshotId, pageToken, start, limit, changed, "ChangedBlocks", (index, token) =>
        {
            var entry = new Dictionary<string, object> { ["BlockIndex"] = index };
            if (first.ContainsKey(index))
            {
                entry["FirstBlockToken"] = "Zmlyc3Q=";
            }

            if (second.ContainsKey(index))
            {
                entry["SecondBlockToken"] = token;
            }

            return entry;
        });
    }

    private HttpResponseMessage List(
        string snapshotId, string? pageToken, string? start, string? limit, IEnumerable<int> indexes, string name, Func<int, string, Dictionary<string, object>> entry)
    {
        var from = start is null ? 0 : int.Parse(start, CultureInfo.InvariantCulture) + (StartIsExclusive ? 1 : 0);
        var skipEmpty = false;
        if (pageToken is not null)
        {
            var parts = Encoding.ASCII.GetString(Convert.FromBase64String(pageToken)).Split('/');
            if (int.Parse(parts[1], CultureInfo.InvariantCulture) != TokenGeneration)
            {
                return Error(HttpStatusCode.BadRequest, "ValidationException", "INVALID_PAGE_TOKEN");
            }

            from = int.Parse(parts[0], CultureInfo.InvariantCulture);
            skipEmpty = parts[2] == "full";
        }

        var page = EmptyPages && !skipEmpty ? 0 : Math.Min(PageLimit, int.Parse(limit!, CultureInfo.InvariantCulture));
        var rest = indexes.Where(index => index >= from).ToList();
        var listed = rest.Take(page).ToList();
        var body = new Dictionary<string, object?>
        {
            ["BlockSize"] = BlockSize,
            ["VolumeSize"] = VolumeSize,
            ["ExpiryTime"] = ExpiryTime.ToUnixTimeMilliseconds() / 1000.0,
            [name] = listed.Select(index => entry(index, Token(snapshotId, index))).ToList(),
            ["NextToken"] = listed.Count == rest.Count ? null : Convert.ToBase64String(Encoding.ASCII.GetBytes(
                $"{rest[listed.Count]}/{TokenGeneration}/{(listed.Count == 0 ? "full" : "")}")),
        };
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }
}
