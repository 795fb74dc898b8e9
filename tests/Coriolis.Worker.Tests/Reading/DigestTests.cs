using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>Digests against those that sha256sum (GNU coreutils 9.1) and xxhsum (0.8.1) print for the same bytes.</summary>
public sealed class DigestTests
{
    private static readonly byte[] s_pattern = [.. Enumerable.Range(0, 100_000).Select(i => (byte)((((long)i * i * 31) + (i / 7) + 5) & 0xFF))];

    [TestCase(1, "e77b9a9ae9e30b0dbdb6f510a264ef9de781501d7b6b92ae89eb059c5ab743db", "e1325e21416bcdb2929e358d27ae3ee2", "50ff15a81340970f")]
    [TestCase(241, "e0f9ab076276f7dae14cae7dfec5ee59e7a5c5aabc87359374b141c81f42337e", "471f3b81c70e6ec192ecb6f7f03ae063", "0d621d154955bf97")]
    [TestCase(512, "f7606b070dd864ca33a91197734dec6074efbe51d2dfea44ac7a88f580275f59", "690e17e2bc647412549931063b085115", "a3ecc2595a5a439e")]
    [TestCase(65536, "9dc81546e34a21c197a48cb9ce76ac958e56dccdf339240bd8982233097a7cc5", "89db659009c3a6ab7f475a28d814f97b", "8d74069eb35cbac2")]
    [TestCase(100_000, "93331bb2fb043b18ca5b5feb885f06d7a66b1be793bdacf71e6492f8ac955a61", "0b44683b0d4c9c3a94fc3693b90e5135", "abe39978ee8b2e23")]
    public void Finish_OfKnownBytes_IsWhatTheToolsPrint(int length, string sha256, string xxHash3, string xxHash64)
    {
        Assert.Multiple(() =>
        {
            Assert.That(Digest(HashKind.Sha256, length), Is.EqualTo(sha256));
            Assert.That(Digest(HashKind.XxHash3, length), Is.EqualTo(xxHash3));
            Assert.That(Digest(HashKind.XxHash64, length), Is.EqualTo(xxHash64));
        });
    }

    [TestCase(WorkerHash.Sha256, "9dc81546e34a21c197a48cb9ce76ac958e56dccdf339240bd8982233097a7cc5")]
    [TestCase(WorkerHash.XxHash3, "89db659009c3a6ab7f475a28d814f97b00000000000000000000000000000000")]
    public async Task ScanAsync_ByTheProgramForWorkers_ReportsTheDigestsOfTheTools(WorkerHash hash, string expected)
    {
        using var image = new ImageFile([.. s_pattern.AsSpan(0, 65536), .. new byte[65536], .. s_pattern.AsSpan(0, 65536)]);
        await using var agent = await AgentProcess.StartAsync([image.Path]);
        await using var client = agent.CreateClient();
        var device = (await client.ListDevicesAsync()).Single();

        var map = await ScanTests.DigestMapAsync(client, new WorkerScan { Device = device, ChunkSize = 65536, Hash = hash });

        Assert.That(map, Is.EqualTo(new[] { expected, new string('0', 64), expected }));
    }

    private static string Digest(HashKind kind, int length)
    {
        using var hasher = new ChunkHasher(kind);
        var digest = new byte[ChunkHasher.SizeOf(kind)];
        hasher.Append(s_pattern.AsSpan(0, length / 3));
        hasher.Append(s_pattern.AsSpan(length / 3, length - (length / 3)));
        hasher.Finish(digest);
        return Convert.ToHexStringLower(digest);
    }
}
