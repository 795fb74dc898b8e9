using System.Net;
using System.Security.Cryptography;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>Disks that shrink, vanish or cannot be read: an error that says so, and an agent that serves the other disks.</summary>
public sealed class FaultTests
{
    private const int ErrorOfInput = 5;
    private const int ErrorOfEnd = 6;

    private ImageFile _image = null!;
    private AgentProcess _agent = null!;
    private WorkerClient _client = null!;
    private WorkerDevice _device = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _image = new ImageFile(new string('1', 32));
        _agent = await AgentProcess.StartAsync([_image.Path], "-disable-chunking");
        _client = _agent.CreateClient();
        _device = (await _client.ListDevicesAsync()).Single();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _client.DisposeAsync();
        await _agent.DisposeAsync();
        _image.Dispose();
    }

    [Test]
    public async Task ScanAsync_DiskThatShrinksMeanwhile_ReportsWhatIsMissing()
    {
        // The agent reads two chunks ahead, so that the cut is still before it.
        var scan = new WorkerScan { Device = _device, ChunkSize = ImageFile.ChunkSize, IncludeData = true, WindowBytes = 2 * (ImageFile.ChunkSize + 64) };
        var kinds = new List<WorkerChunksKind>();
        var errors = new HashSet<int>();
        await foreach (var run in _client.ScanAsync(scan))
        {
            if (kinds.Count == 0)
            {
                Truncate(16 * ImageFile.ChunkSize);
            }

            kinds.Add(run.Kind);
            errors.Add(run.ErrorNumber);
        }

        Assert.That(kinds, Is.EqualTo(Enumerable.Repeat(WorkerChunksKind.Data, 16).Concat(Enumerable.Repeat(WorkerChunksKind.Unreadable, 16))));
        Assert.That(errors, Is.EquivalentTo(new[] { 0, ErrorOfEnd }));
    }

    [Test]
    public void ReadAsync_DiskThatShrankBefore_IsAnotherDisk()
    {
        Truncate(16 * ImageFile.ChunkSize);

        var error = Assert.ThrowsAsync<WorkerRequestException>(() => ReadAsync(_device));

        Assert.That(error!.Failure, Is.EqualTo(WorkerFailure.DeviceChanged));
    }

    [Test]
    public async Task ReadAsync_DiskThatIsGone_IsNotThereAndComesBack()
    {
        File.Move(_image.Path, _image.Path + ".gone");
        var first = Assert.ThrowsAsync<WorkerRequestException>(() => ReadAsync(_device));
        var second = Assert.ThrowsAsync<WorkerRequestException>(() => ReadAsync(_device));
        var listed = await _client.ListDevicesAsync();
        File.Move(_image.Path + ".gone", _image.Path);

        Assert.That(first!.Failure, Is.EqualTo(WorkerFailure.CannotOpen).Or.EqualTo(WorkerFailure.UnknownDevice));
        Assert.That(second!.Failure, Is.EqualTo(WorkerFailure.UnknownDevice).Or.EqualTo(WorkerFailure.CannotOpen));
        Assert.That(listed, Is.Empty);
        Assert.That(await ReadAsync(_device), Is.EqualTo(_image.ChunkAt(0)));
    }

    [Test]
    public void ReadAsync_DiskThatTheWorkerDoesNotHave_IsUnknown()
    {
        var error = Assert.ThrowsAsync<WorkerRequestException>(() => ReadAsync(_device with { Name = "sdz" }));

        Assert.That(error!.Failure, Is.EqualTo(WorkerFailure.UnknownDevice));
    }

    [Test]
    public async Task GetDevice_DiskThatShrinksMeanwhile_IsATornBodyAndNoShorterOne()
    {
        using var big = new ImageFile(new string('1', 1024));
        await using var agent = await AgentProcess.StartAsync([big.Path], "-disable-chunking");
        using var http = agent.Endpoint.CreateHttpClient();
        using var response = await http.GetAsync("/device/disk.raw", HttpCompletionOption.ResponseHeadersRead);
        var body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[ImageFile.ChunkSize]);

        using (var file = File.OpenWrite(big.Path))
        {
            file.SetLength(60 * 1024 * 1024);
        }

        Assert.That(response.Content.Headers.ContentLength, Is.EqualTo(64 * 1024 * 1024));
        Assert.That(() => body.CopyToAsync(Stream.Null), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task ScanAsync_DeviceWithReadErrors_ReportsThemAndReadsTheRest()
    {
        LoopDisk.AssumePossible();
        using var disk = new LoopDisk(_image.Content);
        await using var agent = await AgentProcess.StartAsync([disk.DevicePath], "-disable-chunking");
        await using var client = agent.CreateClient();
        var device = (await client.ListDevicesAsync()).Single();
        disk.BreakFrom(20 * ImageFile.ChunkSize);

        var kinds = new List<(WorkerChunksKind Kind, int Error)>();
        await foreach (var run in client.ScanAsync(new WorkerScan { Device = device, ChunkSize = ImageFile.ChunkSize }))
        {
            kinds.AddRange(Enumerable.Repeat((run.Kind, run.ErrorNumber), (int)(run.Range.Length / ImageFile.ChunkSize)));
        }

        var error = Assert.ThrowsAsync<WorkerReadException>(() => ReadAsync(client, device, 30 * ImageFile.ChunkSize));
        using var http = agent.Endpoint.CreateHttpClient();
        using var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/device/{device.Name}") { Headers = { { "Range", $"bytes={30 * ImageFile.ChunkSize}-{(30 * ImageFile.ChunkSize) + 511}" } } });
        Assert.Multiple(() =>
        {
            Assert.That(kinds.Take(20), Is.All.EqualTo((WorkerChunksKind.Digests, 0)));
            Assert.That(kinds.Skip(20), Is.All.EqualTo((WorkerChunksKind.Unreadable, ErrorOfInput)));
            Assert.That(kinds, Has.Count.EqualTo(32));
            Assert.That(error!.ErrorNumber, Is.EqualTo(ErrorOfInput));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        });
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("EIO"));
    }

    [Test]
    public async Task GetDevices_HashingThatMeetsReadErrors_FailsInsteadOfWaitingForEver()
    {
        LoopDisk.AssumePossible();
        using var disk = new LoopDisk(_image.Content);
        disk.BreakFrom(20 * ImageFile.ChunkSize);
        await using var agent = await AgentProcess.StartAsync([disk.DevicePath], "-chunk-size=65536");
        using var http = agent.Endpoint.CreateHttpClient();

        await EndpointTests.WaitUntilHashedAsync(http);
        var device = await http.GetStringAsync("/api/v1/dev?brief=True");
        var last = (await http.GetStringAsync($"/api/v1/dev/{Path.GetFileName(disk.DevicePath)}/chunks/")).Split('{')[^1];
        using var checksum = await PollAsync(http, $"/api/v1/dev/{Path.GetFileName(disk.DevicePath)}/checksum");

        Assert.That(device, Does.Contain("\"status\":\"failed\"").And.Contain("\"percentage\":100"));
        Assert.That(last, Is.EqualTo("\"offset\":2031616,\"length\":65536}]"));
        Assert.That(checksum.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
    }

    [Test]
    public async Task ScanAsync_AgentThatIsKilledAndStartedAgain_GoesOnWhereItWas()
    {
        var certificates = AgentEndpoint.CreateCertificates();
        string[] flags = [$"-devices={_image.Path}", "-disable-chunking"];
        var agent = await AgentProcess.StartAsync(certificates, 0, flags);
        var port = agent.Endpoint.Port;
        await using var client = agent.CreateClient(new WorkerClientOptions { ReconnectDelay = TimeSpan.FromMilliseconds(50) });
        var scan = new WorkerScan { Device = _device, ChunkSize = ImageFile.ChunkSize, IncludeData = true, WindowBytes = 4 * ImageFile.ChunkSize };
        var rebuilt = new List<byte>();
        await foreach (var run in client.ScanAsync(scan))
        {
            rebuilt.AddRange(run.Data.Span);
            if (rebuilt.Count == 10 * ImageFile.ChunkSize)
            {
                await agent.DisposeAsync();
                agent = await AgentProcess.StartAsync(certificates, port, flags);
            }
        }

        await agent.DisposeAsync();
        Assert.That(SHA256.HashData(rebuilt.ToArray()), Is.EqualTo(SHA256.HashData(_image.Content)));
        Assert.That(rebuilt, Has.Count.EqualTo(_image.Content.Length));
    }

    private static async Task<HttpResponseMessage> PollAsync(HttpClient http, string path)
    {
        while (true)
        {
            var response = await http.GetAsync(path);
            if (response.StatusCode != HttpStatusCode.Conflict)
            {
                return response;
            }

            response.Dispose();
            await Task.Delay(20);
        }
    }

    private static async Task<byte[]> ReadAsync(WorkerClient client, WorkerDevice device, long offset)
    {
        var bytes = new byte[ImageFile.ChunkSize];
        await client.ReadAsync(device, offset, bytes, new byte[32]);
        return bytes;
    }

    private Task<byte[]> ReadAsync(WorkerDevice device) => ReadAsync(_client, device, 0);

    private void Truncate(long length)
    {
        using var file = File.OpenWrite(_image.Path);
        file.SetLength(length);
    }
}
