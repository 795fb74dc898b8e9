using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>Bytes that do not have the digest that came with them are never handed out.</summary>
public sealed class ScanResultReaderTests
{
    private const int ChunkSize = 4096;

    [Test]
    public async Task Read_DataWithItsDigest_GivesTheBytes([Values] WorkerHash hash)
    {
        var chunk = Chunk();
        using var reader = CreateReader(hash);
        using var frame = await FrameOfAsync(hash, chunk, chunk);

        Assert.That(reader.Read(frame).Data.ToArray(), Is.EqualTo(chunk));
    }

    [Test]
    public async Task Read_DataOfWhichABitChanged_IsRefused([Values] WorkerHash hash, [Values(0, ChunkSize / 2, ChunkSize - 1)] int position)
    {
        var sent = Chunk();
        var received = Chunk();
        received[position] ^= 0x10;
        using var reader = CreateReader(hash);
        using var frame = await FrameOfAsync(hash, sent, received);

        Assert.That(() => reader.Read(frame), Throws.TypeOf<WorkerProtocolException>().With.Message.Contains("do not have the digest"));
    }

    [Test]
    public async Task Read_ZerosInPlaceOfData_AreRefused([Values] WorkerHash hash)
    {
        using var reader = CreateReader(hash);
        using var frame = await FrameOfAsync(hash, Chunk(), new byte[ChunkSize]);

        Assert.That(() => reader.Read(frame), Throws.TypeOf<WorkerProtocolException>().With.Message.Contains("do not have the digest"));
    }

    private static byte[] Chunk()
    {
        var chunk = new byte[ChunkSize];
        new Random(1).NextBytes(chunk);
        return chunk;
    }

    private static ScanResultReader CreateReader(WorkerHash hash)
    {
        WorkerRange[] ranges = [new(0, ChunkSize)];
        var request = new ScanRequest("nvme1n1", ChunkSize, 2 * ChunkSize, ChunkSize, hash, true, false, ranges);
        return new ScanResultReader(request, new ScanCursor(ranges, ChunkSize));
    }

    private static async Task<Frame> FrameOfAsync(WorkerHash hash, byte[] digested, byte[] carried)
    {
        var digest = new byte[ProtocolLimits.DigestSize];
        ChunkHash.Compute(hash, digested, digest);
        var bytes = new byte[FrameHeader.Size + ScanResults.DataPrefixSize + carried.Length];
        ScanResults.WriteDataHead(bytes, 7, 0, carried.Length, ScanResults.Raw, carried.Length, digest);
        carried.CopyTo(bytes.AsSpan(^carried.Length));
        var frames = new FrameStream(new MemoryStream(bytes), ProtocolLimits.MaxResponsePayload);
        return await frames.ReadAsync(CancellationToken.None) ?? throw new EndOfStreamException();
    }
}
