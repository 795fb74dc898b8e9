using System.Security.Cryptography;
using Coriolis.Worker.Protocol;
using ZstdSharp;

namespace Coriolis.Worker.Tests;

/// <summary>What goes over the wire when chunks may be compressed, read frame by frame: compression where it pays, the bytes as they are elsewhere.</summary>
public sealed class CompressionTests
{
    private const int Chunk = ImageFile.ChunkSize;
    private const int Prefix = 8 + 4 + 4 + 32;

    [Test]
    public async Task Scan_OfWhatShrinks_IsCompressedAndHasTheSameBytes()
    {
        using var image = new ImageFile(Text(40));

        var chunks = await ScanAsync(image, allowCompression: true);

        AssertSameBytes(image, chunks);
        Assert.That(chunks.Select(static chunk => chunk.Encoding), Is.All.EqualTo(ScanResults.Zstd));
        Assert.That(chunks.Sum(static chunk => chunk.WireBytes), Is.LessThan(image.Content.Length / 4));
    }

    [Test]
    public async Task Scan_OfWhatDoesNotShrink_IsSentAsItIs()
    {
        using var image = new ImageFile(new string('1', 40));

        var chunks = await ScanAsync(image, allowCompression: true);

        AssertSameBytes(image, chunks);
        Assert.That(chunks.Select(static chunk => chunk.Encoding), Is.All.EqualTo(ScanResults.Raw));
        Assert.That(chunks.Select(static chunk => chunk.WireBytes), Is.All.EqualTo(Prefix + Chunk));
    }

    [TestCase(false, TestName = "Scan_OfWhatShrinksAfterWhatDoesNot_IsTriedAgainSomeChunksLater")]
    [TestCase(true, TestName = "Scans_OfWhatShrinksAfterWhatDoesNot_AreTriedAgainSomeChunksLater")]
    public async Task WhatShrinksAfterWhatDoesNot(bool chunkByChunk)
    {
        using var random = new ImageFile(new string('1', 60));
        using var image = new ImageFile([.. random.Content, .. Text(80)]);

        var chunks = await ScanAsync(image, allowCompression: true, chunkByChunk);

        AssertSameBytes(image, chunks);
        var firstCompressed = chunks.FindIndex(static chunk => chunk.Encoding == ScanResults.Zstd);
        Assert.Multiple(() =>
        {
            // At most 64 chunks are left out between two attempts, and none any more after one that succeeded.
            Assert.That(firstCompressed, Is.InRange(61, 60 + 65));
            Assert.That(chunks.Skip(firstCompressed).Select(static chunk => chunk.Encoding), Is.All.EqualTo(ScanResults.Zstd));
        });
    }

    [Test]
    public async Task Scan_ThatDoesNotAllowIt_IsNeverCompressed()
    {
        using var image = new ImageFile(Text(10));

        var chunks = await ScanAsync(image, allowCompression: false);

        AssertSameBytes(image, chunks);
        Assert.That(chunks.Select(static chunk => chunk.Encoding), Is.All.EqualTo(ScanResults.Raw));
    }

    private static void AssertSameBytes(ImageFile image, List<WireChunk> chunks)
    {
        Assert.That(chunks.Select(static chunk => chunk.Offset), Is.EqualTo(Enumerable.Range(0, image.Content.Length / Chunk).Select(static index => (long)index * Chunk)));
        Assert.That(chunks.SelectMany(static chunk => chunk.Content).ToArray().AsSpan().SequenceEqual(image.Content), Is.True);
        Assert.That(chunks.Select(static chunk => Convert.ToHexString(chunk.Digest)), Is.EqualTo(chunks.Select(static chunk => Convert.ToHexString(SHA256.HashData(chunk.Content)))));
    }

    private static byte[] Text(int chunks)
    {
        var line = "GET /index.html HTTP/1.1 200 4711 "u8;
        var bytes = new byte[chunks * Chunk];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = i % 97 == 0 ? (byte)(i / 97 % 256) : line[i % line.Length];
        }

        return bytes;
    }

    /// <summary>Speaks the protocol by hand, so that nothing on the client's side undoes what the agent did.</summary>
    private static async Task<List<WireChunk>> ScanAsync(ImageFile image, bool allowCompression, bool chunkByChunk = false)
    {
        await using var agent = RunningAgent.Start(image.Path);
        await using var client = agent.CreateClient();
        var device = (await client.ListDevicesAsync()).Single();
        await using var wire = new FrameStream(await agent.Endpoint.ConnectAsync(CancellationToken.None), ProtocolLimits.MaxResponsePayload);
        await wire.WriteAsync(new Hello(1, 1, ProtocolFeatures.Zstd, "test").ToFrame(), CancellationToken.None);
        (await wire.ReadAsync(CancellationToken.None))!.Dispose();
        var chunks = new List<WireChunk>();
        var length = chunkByChunk ? Chunk : device.SizeBytes;
        for (var offset = 0L; offset < device.SizeBytes; offset += length)
        {
            var request = new ScanRequest(
                device.Name, device.SizeBytes, 16 << 20, Chunk, WorkerHash.Sha256, IncludeData: true, allowCompression, [new WorkerRange(offset, length)]);
            await wire.WriteAsync(request.ToFrame(requestId: (uint)(offset / length) + 1), CancellationToken.None);
            while (await wire.ReadAsync(CancellationToken.None) is { Header.Type: not FrameType.Completed } frame)
            {
                using (frame)
                {
                    Assert.That(frame.Header.Type, Is.EqualTo(FrameType.Data));
                    chunks.Add(WireChunk.ReadFrom(frame));
                }
            }
        }

        return chunks;
    }

    /// <summary>A data frame as docs/agent.md describes it.</summary>
    private sealed record WireChunk(long Offset, byte Encoding, byte[] Digest, byte[] Content, int WireBytes)
    {
        public static WireChunk ReadFrom(Frame frame)
        {
            var payload = frame.Payload.ToArray();
            var length = BitConverter.ToInt32(payload, 8);
            var encoding = payload[12];
            var encoded = payload.AsSpan(Prefix);
            using var decompressor = new Decompressor();
            var content = encoding == ScanResults.Zstd ? decompressor.Unwrap(encoded, length).ToArray() : encoded.ToArray();
            Assert.That(content, Has.Length.EqualTo(length));
            return new WireChunk(BitConverter.ToInt64(payload), encoding, payload[16..Prefix], content, payload.Length);
        }
    }
}
