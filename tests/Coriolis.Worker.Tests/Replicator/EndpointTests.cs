using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace Coriolis.Worker.Tests;

/// <summary>The endpoints as clients of the existing replicator know them, served by the program that workers get.</summary>
public sealed class EndpointTests
{
    private const string Flags = "-chunk-size=65536";

    private ImageFile _image = null!;
    private AgentProcess _agent = null!;
    private HttpClient _http = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _image = new ImageFile("101", tail: 5000);
        _agent = await AgentProcess.StartAsync([_image.Path], Flags);
        _http = _agent.Endpoint.CreateHttpClient();
        await WaitUntilHashedAsync(_http);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        await _agent.DisposeAsync();
        _image.Dispose();
    }

    [TestCase("/api/v1/dev?brief=True", true)]
    [TestCase("/api/v1/dev?brief=False", false)]
    [TestCase("/api/v1/dev", false)]
    public async Task GetDevices_Hashed_IsTheExactDocument(string path, bool brief)
    {
        var json = await _http.GetStringAsync(path);

        Assert.That(json, Is.EqualTo($"[{Device(brief)}]"));
    }

    [TestCase("?brief=True", true)]
    [TestCase("?brief=False", false)]
    public async Task GetDevice_ByItsName_IsOneObject(string query, bool brief)
    {
        var json = await _http.GetStringAsync($"/api/v1/dev/disk.raw/{query}");

        Assert.That(json, Is.EqualTo(Device(brief)));
    }

    [TestCase("", "0123")]
    [TestCase("?skipZeros=False", "0123")]
    [TestCase("?skipZeros=True", "023")]
    public async Task GetChunks_WithAndWithoutZeros_ListsThem(string query, string indexes)
    {
        var json = await _http.GetStringAsync($"/api/v1/dev/disk.raw/chunks/{query}");

        Assert.That(json, Is.EqualTo(Chunks(indexes)));
    }

    [Test]
    public async Task GetChanges_WithoutState_AreAllChunks()
    {
        var json = await _http.GetStringAsync("/api/v1/dev/disk.raw/chunks/changes/");

        Assert.That(json, Is.EqualTo(Chunks("0123")));
    }

    [TestCase("/api/v1/dev?brief=maybe")]
    [TestCase("/api/v1/dev/disk.raw/chunks/?skipZeros=2")]
    public async Task Get_NeitherTrueNorFalse_IsABadRequest(string path)
    {
        using var response = await _http.GetAsync(path);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await ErrorOfAsync(response), Does.Contain("neither True nor False"));
    }

    [TestCase("/")]
    [TestCase("/api/v1/dev/sdz/")]
    [TestCase("/api/v1/dev/sdz/chunks/")]
    [TestCase("/api/v1/dev/sdz/checksum")]
    [TestCase("/device/sdz")]
    [TestCase("/device/../../etc/passwd")]
    [TestCase("/device/%2e%2e%2f%2e%2e%2fetc%2fpasswd")]
    public async Task Get_WhatIsNotThere_Is404(string path)
    {
        using var response = await _http.GetAsync(path);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await ErrorOfAsync(response), Is.Not.Empty);
    }

    [Test]
    public async Task Post_AnyEndpoint_IsNotAllowedAndTheConnectionCloses()
    {
        using var response = await _http.PostAsync("/api/v1/dev", new StringContent("{}"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(response.Content.Headers.Allow, Is.EquivalentTo(new[] { "GET", "HEAD" }));
        Assert.That(response.Headers.ConnectionClose, Is.True);
    }

    [Test]
    public async Task GetChecksum_WhileItIsComputed_ConflictsAndThenIsThePlainDigestOfAllBytes()
    {
        using var first = await _http.GetAsync("/api/v1/dev/disk.raw/checksum");
        Assert.That(first.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));

        var json = await PollAsync(_http, "/api/v1/dev/disk.raw/checksum");

        var digest = Convert.ToHexStringLower(SHA256.HashData(_image.Content));
        Assert.That(json, Is.EqualTo($$"""{"checksum":"{{digest}}","algorithm":"sha256"}"""));
    }

    [Test]
    public async Task HeadDevice_SaysTheSize()
    {
        using var response = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/device/disk.raw"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Content.Headers.ContentLength, Is.EqualTo(_image.Content.Length));
    }

    [Test]
    public async Task GetDevice_WithoutRange_IsTheWholeDisk()
    {
        using var response = await _http.GetAsync("/device/disk.raw");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.EqualTo(_image.Content));
    }

    [TestCase("bytes=0-65535", 0, 65536)]
    [TestCase("bytes=1-1", 1, 1)]
    [TestCase("bytes=65000-140000", 65000, 75001)]
    [TestCase("bytes=201607-", 201607, 1)]
    [TestCase("bytes=-5000", 196608, 5000)]
    [TestCase("bytes=200000-999999999", 200000, 1608)]
    public async Task GetDevice_ARange_Is206WithThoseBytes(string range, int offset, int length)
    {
        using var response = await GetAsync(range);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
        Assert.That(
            response.Content.Headers.GetValues("Content-Range"),
            Is.EqualTo(new[] { $"bytes {offset}-{offset + length - 1}/{_image.Content.Length}" }));
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.EqualTo(_image.Content.AsSpan(offset, length).ToArray()));
    }

    [TestCase("bytes=201608-201608")]
    [TestCase("bytes=5-4")]
    [TestCase("bytes=-0")]
    [TestCase("bytes=-")]
    [TestCase("bytes=a-b")]
    [TestCase("bytes=0-1,4-5")]
    [TestCase("bytes=99999999999999999999-")]
    public async Task GetDevice_ARangeThatIsNotThere_Is416AndSaysTheSize(string range)
    {
        using var response = await GetAsync(range);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestedRangeNotSatisfiable));
        Assert.That(response.Content.Headers.GetValues("Content-Range"), Is.EqualTo(new[] { $"bytes */{_image.Content.Length}" }));
    }

    [TestCase("identity", 65536, null)]
    [TestCase("gzip, deflate", 65536, "gzip")]
    [TestCase("gzip, deflate", 0, null)]
    [TestCase("gzip;q=0", 65536, null)]
    public async Task GetDevice_Compressed_OnlyWhenAskedForAndWorthIt(string accepted, int offset, string? encoding)
    {
        using var response = await GetAsync($"bytes={offset}-{offset + 65535}", accepted);

        var body = await response.Content.ReadAsStreamAsync();
        using var plain = new MemoryStream();
        await (encoding is null ? body : new System.IO.Compression.GZipStream(body, System.IO.Compression.CompressionMode.Decompress)).CopyToAsync(plain);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
        Assert.That(response.Content.Headers.ContentEncoding.SingleOrDefault(), Is.EqualTo(encoding));
        Assert.That(plain.ToArray(), Is.EqualTo(_image.Content.AsSpan(offset, 65536).ToArray()));
    }

    [Test]
    public async Task Get_ManyRequestsOnOneConnection_AreAnsweredInTurn()
    {
        await using var tls = await _agent.Endpoint.ConnectHttpAsync();
        await tls.WriteAsync("GET /device/disk.raw HTTP/1.1\r\nHost: a\r\nrange: bytes=1-3\r\n\r\nHEAD /device/disk.raw HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray());

        var answers = await new StreamReader(tls, System.Text.Encoding.Latin1).ReadToEndAsync();

        var body = System.Text.Encoding.Latin1.GetString(_image.Content, 1, 3);
        Assert.That(answers, Is.EqualTo(
            "HTTP/1.1 206 Partial Content\r\nContent-Type: application/octet-stream\r\nAccept-Ranges: bytes\r\nContent-Range: bytes 1-3/201608\r\n"
            + $"Content-Length: 3\r\nConnection: keep-alive\r\n\r\n{body}"
            + "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nAccept-Ranges: bytes\r\nContent-Length: 201608\r\nConnection: close\r\n\r\n"));
    }

    [TestCase("NONSENSE\r\n\r\n", "400")]
    [TestCase("GET / HTTP/2.0\r\n\r\n", "400")]
    [TestCase("GET / HTTP/1.1\r\nno colon\r\n\r\n", "400")]
    [TestCase("GET / HTTP/1.1\r\nHost: a", "400")]
    public async Task Get_Malformed_IsRefusedAndTheConnectionCloses(string request, string status)
    {
        await using var tls = await _agent.Endpoint.ConnectHttpAsync();
        await tls.WriteAsync(System.Text.Encoding.Latin1.GetBytes(request));
        await tls.ShutdownAsync();

        var answer = await new StreamReader(tls).ReadToEndAsync();

        Assert.That(answer, Does.StartWith($"HTTP/1.1 {status} ").And.Contain("Connection: close"));
    }

    [Test]
    public async Task Get_AHeadWithoutEnd_IsRefusedAtTheLimit()
    {
        await using var tls = await _agent.Endpoint.ConnectHttpAsync();
        await tls.WriteAsync(System.Text.Encoding.Latin1.GetBytes("GET / HTTP/1.1\r\nX: " + new string('a', 16 * 1024)));

        var answer = await new StreamReader(tls).ReadToEndAsync();

        Assert.That(answer, Does.StartWith("HTTP/1.1 431 "));
    }

    internal static async Task WaitUntilHashedAsync(HttpClient http)
    {
        while (true)
        {
            using var devices = JsonDocument.Parse(await http.GetStringAsync("/api/v1/dev?brief=True"));
            if (devices.RootElement.EnumerateArray().All(device => device.GetProperty("checksum-status").GetProperty("percentage").GetInt32() == 100))
            {
                return;
            }

            await Task.Delay(20);
        }
    }

    internal static async Task<string> PollAsync(HttpClient http, string path)
    {
        while (true)
        {
            using var response = await http.GetAsync(path);
            if (response.StatusCode != HttpStatusCode.Conflict)
            {
                return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
            }

            await Task.Delay(20);
        }
    }

    private static async Task<string> ErrorOfAsync(HttpResponseMessage response)
    {
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("error").GetString()!;
    }

    private async Task<HttpResponseMessage> GetAsync(string range, string? accepted = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/device/disk.raw");
        request.Headers.TryAddWithoutValidation("Range", range);
        if (accepted is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-encoding", accepted);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private string Device(bool brief) =>
        $$"""
        {"device-path":"{{_image.Path}}","device-name":"disk.raw","size":201608,"checksum-algorithm":"sha256","chunk-size":65536,
        "logical-sector-size":512,"physical-sector-size":512,"alignment-offset":0,"has-mounted-partitions":false,
        "checksum-status":{"status":"finished","total-chunks":4,"completed-chunks":4,"percentage":100},"partitions":[]{{(brief ? "" : $",\"chunks\":{Chunks("0123")}")}}}
        """.ReplaceLineEndings("");

    private string Chunks(string indexes) => $"[{string.Join(',', indexes.Select(index => Chunk(index - '0')))}]";

    private string Chunk(int index)
    {
        var bytes = _image.ChunkAt(index);
        return $$"""{"offset":{{index * ImageFile.ChunkSize}},"length":{{bytes.Length}},"checksum":"{{Convert.ToHexStringLower(SHA256.HashData(bytes))}}"}""";
    }
}
