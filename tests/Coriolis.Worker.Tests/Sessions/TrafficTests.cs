using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>What crosses the network besides the results: each small message costs both sides a call to the kernel and a wake-up.</summary>
public sealed class TrafficTests
{
    private const int Chunk = 4096;

    private static readonly WorkerDevice s_device = new() { Name = "xvdf", Path = "/dev/xvdf", SizeBytes = 3 * Chunk };

    [Test]
    public async Task ScanAsync_Client_GivesCreditForAllButTheLastResult()
    {
        var received = new List<FrameType>();
        var closed = new TaskCompletionSource();
        await using var agent = new LyingAgent(async (frames, _) =>
        {
            (await frames.ReadAsync(default))!.Dispose();
            await frames.WriteAsync(LyingAgent.Welcome, default);
            (await frames.ReadAsync(default))!.Dispose();
            for (var i = 0; i < 3; i++)
            {
                await frames.WriteAsync(ScanResults.Zeros(1, new WorkerRange(i * Chunk, Chunk)), default);
            }

            await frames.WriteAsync(new ScanCompleted(false, 3 * Chunk, 3 * Chunk, 0).ToFrame(1), default);
            while (await frames.ReadAsync(default) is { } frame)
            {
                received.Add(frame.Header.Type);
                frame.Dispose();
            }

            closed.SetResult();
        });
        await using (var client = agent.CreateClient())
        {
            var scan = new WorkerScan { Device = s_device, ChunkSize = Chunk };
            Assert.That(await client.ScanAsync(scan).CountAsync(), Is.EqualTo(3));
        }

        await closed.Task;
        Assert.That(received, Is.EqualTo(new[] { FrameType.Credit, FrameType.Credit }));
    }

    [Test]
    public async Task AddAsync_LastChunkOfTheLastRange_LeavesWithTheEndOfTheScan()
    {
        var sent = new List<(FrameType Type, bool MoreFollows)>();
        var ranges = new[] { new WorkerRange(0, Chunk), new WorkerRange(2 * Chunk, Chunk) };
        var request = new ScanRequest("xvdf", 3 * Chunk, 1 << 20, Chunk, WorkerHash.Sha256, IncludeData: false, AllowCompression: false, ranges);
        using var compressor = new ChunkCompressor();
        var output = new ScanOutput(request, 1, new CreditWindow(request.WindowBytes), compressor, new CompressionTrial(), SendAsync);

        foreach (var range in ranges)
        {
            await output.AddAsync(new ChunkResult(range) { IsZero = true });
        }

        Assert.That(sent, Is.EqualTo(new[] { (FrameType.Zeros, false), (FrameType.Zeros, true) }));

        ValueTask SendAsync(ReadOnlyMemory<byte> frame, bool moreFollows)
        {
            sent.Add((FrameHeader.ReadFrom(frame.Span, int.MaxValue).Type, moreFollows));
            return ValueTask.CompletedTask;
        }
    }
}
