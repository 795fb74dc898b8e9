using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Coriolis.Benchmarks;

/// <summary>
/// The least that a client of the block API can do: list, sign, GET, read the bytes, drop them. Shares no code with the
/// provider, so that it is a yardstick for it.
/// </summary>
internal sealed class NullClient(Uri endpoint, string region, string accessKeyId, string secretAccessKey) : IDisposable
{
    public const int BlockSize = 512 * 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        MaxConnectionsPerServer = 1024,
    });

    public async Task<long> ReadSnapshotAsync(string snapshotId, int parallelism, CancellationToken cancellationToken)
    {
        long bytes = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(ListAsync(snapshotId, cancellationToken), options, async (block, token) =>
        {
            var path = $"/snapshots/{snapshotId}/blocks/{block.Index}";
            using var response = await GetAsync(path, $"blockToken={Uri.EscapeDataString(block.Token)}", token);
            var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BlockSize);
            await using var body = await response.Content.ReadAsStreamAsync(token);
            await body.ReadExactlyAsync(buffer.AsMemory(0, BlockSize), token);
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
            Interlocked.Add(ref bytes, BlockSize);
        });
        return bytes;
    }

    public void Dispose() => _http.Dispose();

    public async IAsyncEnumerable<(int Index, string Token)> ListAsync(
        string snapshotId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? pageToken = null;
        do
        {
            var query = "maxResults=10000" + (pageToken is null ? "" : $"&pageToken={Uri.EscapeDataString(pageToken)}");
            using var response = await GetAsync($"/snapshots/{snapshotId}/blocks", query, cancellationToken);
            using var page = JsonDocument.Parse(await response.Content.ReadAsStreamAsync(cancellationToken));
            foreach (var block in page.RootElement.GetProperty("Blocks").EnumerateArray())
            {
                yield return (block.GetProperty("BlockIndex").GetInt32(), block.GetProperty("BlockToken").GetString()!);
            }

            pageToken = page.RootElement.TryGetProperty("NextToken", out var next) ? next.GetString() : null;
        }
        while (pageToken is not null);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string query, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint, $"{path}?{query}"));
        Sign(request, path, query);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.EnsureSuccessStatusCode();
    }

    // Signature Version 4 as the AWS General Reference describes it, for a GET without a body.
    private void Sign(HttpRequestMessage request, string path, string query)
    {
        const string EmptyBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        var time = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/{region}/ebs/aws4_request";
        var canonical = $"GET\n{path}\n{query}\nhost:{endpoint.Authority}\nx-amz-date:{time}\n\nhost;x-amz-date\n{EmptyBody}";
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var key = Encoding.UTF8.GetBytes("AWS4" + secretAccessKey);
        foreach (var part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        var toSign = $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}";
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        request.Headers.Add("X-Amz-Date", time);
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "AWS4-HMAC-SHA256", $"Credential={accessKeyId}/{scope}, SignedHeaders=host;x-amz-date, Signature={signature}");
    }
}
