using System.Text;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>Damaged requests of an authenticated peer: the program for workers refuses them in time, lives on, and stays within its memory.</summary>
public sealed class AgentFuzzTests
{
    private const long MaxResident = 64 * 1024 * 1024;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private ImageFile _image = null!;
    private AgentProcess _agent = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _image = new ImageFile("110100111011", tail: 512);
        _agent = await AgentProcess.StartAsync([_image.Path], "-chunk-size=65536");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _agent.DisposeAsync();
        _image.Dispose();
    }

    [Test]
    public Task Session_DamagedRequests_AreRefusedAndTheAgentLivesOn() => FuzzSessionsAsync(rounds: 250, seed: 3);

    [Test]
    [Explicit("Half an hour of damaged requests: dotnet test Coriolis.Worker.Tests.dll --filter Name~AtLength")]
    public async Task Session_DamagedRequestsAtLength_AreRefusedAndTheAgentLivesOn()
    {
        for (var seed = 1000; seed < 1100; seed++)
        {
            await FuzzSessionsAsync(rounds: 1000, seed);
            await FuzzHttpAsync(rounds: 1000, seed);
        }
    }

    [Test]
    public Task Http_DamagedRequests_AreRefusedAndTheAgentLivesOn() => FuzzHttpAsync(rounds: 250, seed: 4);

    [Test]
    public async Task Session_FrameThatEndsInTheMiddle_EndsThatConnectionOnly()
    {
        await using (var stream = await _agent.Endpoint.ConnectAsync(CancellationToken.None))
        {
            await stream.WriteAsync(Hello());
            await stream.WriteAsync(Scan(1).AsMemory(0, 20));
            await stream.FlushAsync();
        }

        await AssertSoundAsync();
    }

    [Test]
    public async Task Session_MoreRequestsThanAllowed_AreBusyAndTheOthersGoOn()
    {
        await using var frames = new FrameStream(await _agent.Endpoint.ConnectAsync(CancellationToken.None), ProtocolLimits.MaxResponsePayload);
        await frames.WriteAsync(Hello(), default);
        using var welcome = await frames.ReadAsync(default);

        // A window for one chunk each, and no credit: every scan stays open.
        var request = new ScanRequest("disk.raw", _image.Content.Length, 64, 512, WorkerHash.Sha256, false, false, [new WorkerRange(0, 64 * 1024)]);
        for (uint id = 1; id <= Session.MaxOpenRequests + 1; id++)
        {
            await frames.WriteAsync(request.ToFrame(id), default);
        }

        while (true)
        {
            using var frame = await frames.ReadAsync(default).AsTask().WaitAsync(s_limit);
            if (frame!.Header.Type == FrameType.Failed)
            {
                Assert.That(Failed.ReadFrom(frame.OpenPayload()).Failure, Is.EqualTo(WorkerFailure.Busy));
                Assert.That(frame.Header.RequestId, Is.EqualTo((uint)Session.MaxOpenRequests + 1));
                break;
            }
        }

        await AssertSoundAsync();
    }

    private async Task FuzzSessionsAsync(int rounds, int seed)
    {
        var mutator = new Mutator(seed);
        for (var round = 0; round < rounds; round++)
        {
            byte[][] requests = [Hello(), ListDevices(1), Scan(2), Scan(3), Credit(2, 64), Ping(4), Cancel(3), Credit(2, 65536 + 64)];

            // The later requests are more interesting once the handshake is whole.
            var damaged = round % 8 == 0 ? 0 : mutator.Next(requests.Length);
            requests[damaged] = mutator.Mutate(requests[damaged]);
            await using var stream = await _agent.Endpoint.ConnectAsync(CancellationToken.None);
            await ExchangeAsync(stream, [.. requests.SelectMany(request => request)], $"seed {seed}, round {round}");
        }

        await AssertSoundAsync();
    }

    private async Task FuzzHttpAsync(int rounds, int seed)
    {
        var mutator = new Mutator(seed);
        string[] requests =
        [
            "GET /api/v1/dev?brief=False HTTP/1.1\r\nHost: 10.0.0.1:4433\r\nAccept-encoding: gzip, deflate\r\n\r\n",
            "GET /device/disk.raw HTTP/1.1\r\nRange: bytes=0-65535\r\nAccept-encoding: identity\r\n\r\n",
            "GET /api/v1/dev/disk.raw/chunks/?skipZeros=True HTTP/1.1\r\nConnection: keep-alive\r\n\r\nHEAD /device/disk.raw HTTP/1.0\r\n\r\n",
            "GET /api/v1/dev/disk.raw/checksum HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        ];
        for (var round = 0; round < rounds; round++)
        {
            await using var stream = await _agent.Endpoint.ConnectHttpAsync();
            await ExchangeAsync(stream, mutator.Mutate(Encoding.ASCII.GetBytes(requests[round % requests.Length])), $"seed {seed}, round {round}");
        }

        await AssertSoundAsync();
    }

    /// <summary>Sends everything and the end, then waits for the agent's end.</summary>
    private static async Task ExchangeAsync(Stream stream, byte[] request, string what)
    {
        using var limit = new CancellationTokenSource(s_limit);
        try
        {
            await stream.WriteAsync(request, limit.Token);
            await ((System.Net.Security.SslStream)stream).ShutdownAsync();
            await stream.FlushAsync(limit.Token);
            await stream.CopyToAsync(Stream.Null, limit.Token);
        }
        catch (IOException)
        {
            // The agent has closed the connection on what it does not understand.
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{what}: the agent does not come to an end after {Convert.ToHexStringLower(request)}");
        }
    }

    private static byte[] Hello() => new Hello(1, 1, ProtocolFeatures.Zstd, "fuzz").ToFrame().ToArray();

    private static byte[] ListDevices(uint id) => new FrameBuilder(FrameType.ListDevices, id).Complete().ToArray();

    private static byte[] Ping(uint id) => new FrameBuilder(FrameType.Ping, id).Complete().ToArray();

    private static byte[] Cancel(uint id) => new FrameBuilder(FrameType.Cancel, id).Complete().ToArray();

    private static byte[] Credit(uint id, int cost) => new FrameBuilder(FrameType.Credit, id).Int32(cost).Complete().ToArray();

    private byte[] Scan(uint id) => new ScanRequest(
        "disk.raw", _image.Content.Length, 200_000, 65536, WorkerHash.Sha256, true, true, [new WorkerRange(0, 262144), new WorkerRange(524288, 65536)])
        .ToFrame(id).ToArray();

    private async Task AssertSoundAsync()
    {
        await using var client = _agent.CreateClient();
        var device = (await client.ListDevicesAsync()).Single();
        var rebuilt = new byte[_image.Content.Length];
        await foreach (var run in client.ScanAsync(new WorkerScan { Device = device, ChunkSize = 65536, IncludeData = true }))
        {
            run.Data.CopyTo(rebuilt.AsMemory((int)run.Range.Offset));
        }

        Assert.That(rebuilt, Is.EqualTo(_image.Content));
        Assert.That(_agent.PeakResidentBytes, Is.LessThanOrEqualTo(MaxResident));
    }
}
