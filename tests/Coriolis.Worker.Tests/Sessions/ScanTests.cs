using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

public sealed class ScanTests
{
    [Test]
    public async Task ScanAsync_OfDigests_ReportsEveryChunkOnceInOrder()
    {
        using var image = new ImageFile("1100101", tail: 1000);
        await using var agent = RunningAgent.Start(image.Path);
        await using var client = agent.CreateClient();
        var device = (await client.ListDevicesAsync()).Single();

        var scan = new WorkerScan { Device = device, ChunkSize = ImageFile.ChunkSize };
        var map = await DigestMapAsync(client, scan);

        var expected = Enumerable.Range(0, 8)
            .Select(i => i is 2 or 3 or 5 ? new string('0', 64) : Convert.ToHexStringLower(image.DigestAt(i)));
        Assert.That(map, Is.EqualTo(expected));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task ScanAsync_WithData_RebuildsTheDisk(bool compress)
    {
        using var image = new ImageFile("1011001", tail: 4096);
        await using var agent = RunningAgent.Start(image.Path);
        await using var client = agent.CreateClient();
        var device = (await client.ListDevicesAsync()).Single();
        var rebuilt = new byte[image.Content.Length];

        var scan = new WorkerScan
        {
            Device = device,
            ChunkSize = ImageFile.ChunkSize,
            IncludeData = true,
            AllowCompression = compress,
            WindowBytes = 200_000,
        };
        await foreach (var run in client.ScanAsync(scan))
        {
            run.Data.CopyTo(rebuilt.AsMemory((int)run.Range.Offset));
        }

        Assert.That(rebuilt, Is.EqualTo(image.Content));
        Assert.That(agent.Agent.FreeBuffers, Is.EqualTo(Agent.TotalBuffers));
    }

    [Test]
    public async Task ReadAsync_ManyAtOnce_FillsEachBuffer()
    {
        using var image = new ImageFile("1101101011", tail: 512);
        await using var agent = RunningAgent.Start(image.Path);
        await using var client = agent.CreateClient();
        var device = (await client.ListDevicesAsync()).Single();
        var rebuilt = new byte[image.Content.Length];
        var digests = new byte[11][];

        await Parallel.ForAsync(0, 11, async (i, token) =>
        {
            digests[i] = new byte[32];
            var buffer = rebuilt.AsMemory(i * ImageFile.ChunkSize, Math.Min(ImageFile.ChunkSize, rebuilt.Length - (i * ImageFile.ChunkSize)));
            await client.ReadAsync(device, i * ImageFile.ChunkSize, buffer, digests[i], token);
        });

        Assert.That(rebuilt, Is.EqualTo(image.Content));
        Assert.That(digests[2], Is.EqualTo(new byte[32]));
        Assert.That(digests[10], Is.EqualTo(image.DigestAt(10)));
    }

    internal static async Task<List<string>> DigestMapAsync(WorkerClient client, WorkerScan scan)
    {
        var map = new List<string>();
        await foreach (var run in client.ScanAsync(scan))
        {
            var count = (int)((run.Range.Length + scan.ChunkSize - 1) / scan.ChunkSize);
            for (var i = 0; i < count; i++)
            {
                map.Add(run.Kind == WorkerChunksKind.Digests ? Convert.ToHexStringLower(run.Digests.Span.Slice(i * 32, 32)) : new string('0', 64));
            }
        }

        return map;
    }
}
