using System.Security.Cryptography;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

/// <summary>A controller against agents that send damaged or untrue answers: it takes nothing that is not what it asked for.</summary>
public sealed class ClientFuzzTests
{
    private const int Chunk = 4096;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private static readonly byte[] s_content = Content();

    private static readonly WorkerScan s_scan = new()
    {
        Device = new WorkerDevice { Name = "sda", Path = "/dev/sda", SizeBytes = 4 * Chunk },
        ChunkSize = Chunk,
        IncludeData = true,
        AllowCompression = true,
        WindowBytes = 8 * Chunk,
    };

    [Test]
    public async Task ScanAsync_DamagedAnswers_EndInAnErrorOrInTheTruth()
    {
        var mutator = new Mutator(seed: 5);
        var outcomes = new Dictionary<string, int>();
        await using var agent = new LyingAgent((frames, stream) => AnswerAsync(frames, stream, mutator.Mutate));
        for (var round = 0; round < 1500; round++)
        {
            await using var client = agent.CreateClient();
            string outcome;
            try
            {
                var scanned = await ScanAsync(client).WaitAsync(s_limit);
                Assert.That(scanned, Is.EqualTo(s_content), $"round {round}");
                outcome = "truth";
            }
            catch (Exception exception) when (exception is IOException or WorkerRequestException or TimeoutException)
            {
                Assert.That(exception, Is.Not.InstanceOf<TimeoutException>(), $"round {round} does not end");
                outcome = "error";
            }

            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        Assert.That(outcomes.Keys, Is.EquivalentTo(new[] { "error", "truth" }));
    }

    [Test]
    public async Task ScanAsync_TrueAnswers_AreTheTruth()
    {
        await using var agent = new LyingAgent((frames, stream) => AnswerAsync(frames, stream, static bytes => bytes));
        await using var client = agent.CreateClient();

        Assert.That(await ScanAsync(client).WaitAsync(s_limit), Is.EqualTo(s_content));
    }

    private static IEnumerable<TestCaseData<ReadOnlyMemory<byte>>> Lies()
    {
        var data = s_content.AsMemory(0, Chunk);
        yield return Case("ChunkWithAnotherDigest", Data(0, data, new byte[32]));
        yield return Case("ChunkOfAnotherPlace", Data(Chunk, data, SHA256.HashData(data.Span)));
        yield return Case("ChunkThatIsTooShort", Data(0, data[..512], SHA256.HashData(data.Span[..512])));
        yield return Case("CompressedChunkThatIsNone", Data(0, data, SHA256.HashData(data.Span), ScanResults.Zstd));
        yield return Case("CompressedChunkThatIsABomb", Data(0, Bomb(), SHA256.HashData(data.Span), ScanResults.Zstd));
        yield return Case("UnknownEncoding", Data(0, data, SHA256.HashData(data.Span), 9));
        yield return Case("ZerosBeyondTheEnd", ScanResults.Zeros(1, new WorkerRange(0, 5 * Chunk)));
        yield return Case("ZerosInsideAChunk", ScanResults.Zeros(1, new WorkerRange(0, 100)));
        yield return Case("DigestsWhereDataIsDue", ScanResults.Digests(1, new WorkerRange(0, Chunk), 1, new byte[32]));
        yield return Case("EndBeforeTheLastChunk", new ScanCompleted(false, 0, 0, 0).ToFrame(1));
        yield return Case("AnswerToARequestThatIsNotOpen", ScanResults.Zeros(77, new WorkerRange(0, Chunk)));
        yield return Case("DigestsThatCostNothing", new FrameBuilder(FrameType.Digests, 1).Int64(0).Int64(Chunk).Int32(0).Bytes(new byte[Chunk]).Complete());
        yield return Case("ZerosWithATail", new FrameBuilder(FrameType.Zeros, 1).Int64(0).Int64(Chunk).Bytes(new byte[Chunk]).Complete());

        static TestCaseData<ReadOnlyMemory<byte>> Case(string name, ReadOnlyMemory<byte> frame) => new(frame) { TestName = $"ScanAsync_{name}_IsRefused" };
    }

    [TestCaseSource(nameof(Lies))]
    public async Task ScanAsync_ALie_IsRefused(ReadOnlyMemory<byte> lie)
    {
        await using var agent = new LyingAgent(async (frames, _) =>
        {
            await ReadAsync(frames);
            await frames.WriteAsync(LyingAgent.Welcome, default);
            await ReadAsync(frames);
            await frames.WriteAsync(lie, default);
            await ReadAsync(frames);
        });
        await using var client = agent.CreateClient();

        Assert.That(() => ScanAsync(client).WaitAsync(s_limit), Throws.InstanceOf<WorkerProtocolException>());
    }

    [TestCase(false, 64)]
    [TestCase(true, 64 + Chunk)]
    public void Accept_MoreThanTheWindowAllows_IsRefusedInsteadOfKept(bool data, int cost)
    {
        var bytes = data ? Data(0, s_content.AsMemory(0, Chunk), new byte[32]) : ScanResults.Zeros(1, new WorkerRange(0, Chunk));
        var pending = new PendingRequest(1, (3 * cost) + 1);
        var accepted = 0;

        Assert.That(
            async () =>
            {
                for (; accepted < 100; accepted++)
                {
                    var stream = new FrameStream(new MemoryStream(bytes.ToArray()), ProtocolLimits.MaxResponsePayload);
                    pending.Accept((await stream.ReadAsync(default))!, isLast: false);
                }
            },
            Throws.InstanceOf<WorkerProtocolException>());
        Assert.That(accepted, Is.EqualTo(3));
    }

    [Test]
    public async Task ListDevicesAsync_AgentOfAnotherVersion_IsRefused()
    {
        await using var agent = new LyingAgent(async (frames, _) =>
        {
            await ReadAsync(frames);
            await frames.WriteAsync(new Welcome(2, ProtocolFeatures.None, Guid.Empty, TimeSpan.Zero, 1, "9.0").ToFrame(), default);
            await ReadAsync(frames);
        });
        await using var client = agent.CreateClient();

        Assert.That(() => client.ListDevicesAsync(), Throws.InstanceOf<WorkerProtocolException>().With.Message.Contains("version 2"));
    }

    private static byte[] Content()
    {
        // A chunk that does not shrink, one of zeros, one that shrinks, one that does not.
        var content = new byte[4 * Chunk];
        var random = new Random(7);
        random.NextBytes(content.AsSpan(0, Chunk));
        content.AsSpan(2 * Chunk, Chunk).Fill((byte)'a');
        random.NextBytes(content.AsSpan(3 * Chunk));
        return content;
    }

    private static ReadOnlyMemory<byte> Data(long offset, ReadOnlyMemory<byte> encoded, byte[] digest, byte encoding = ScanResults.Raw, int length = 0)
    {
        const int HeadSize = FrameHeader.Size + ScanResults.DataPrefixSize;
        var frame = new byte[HeadSize + encoded.Length];
        ScanResults.WriteDataHead(
            frame, 1, offset, encoding == ScanResults.Raw ? encoded.Length : length == 0 ? Chunk : length, encoding, encoded.Length, digest);
        encoded.Span.CopyTo(frame.AsSpan(HeadSize));
        return frame;
    }

    private static byte[] Pack(ReadOnlySpan<byte> bytes)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(bytes).ToArray();
    }

    /// <summary>A few bytes that unpack to 64 MiB.</summary>
    private static byte[] Bomb() => Pack(new byte[64 * 1024 * 1024]);

    private static async Task<byte[]> ScanAsync(WorkerClient client)
    {
        var content = new byte[4 * Chunk];
        new Random(9).NextBytes(content);
        await foreach (var run in client.ScanAsync(s_scan))
        {
            var place = content.AsMemory((int)run.Range.Offset, (int)run.Range.Length);
            place.Span.Clear();
            run.Data.CopyTo(place);
        }

        return content;
    }

    private static async Task<bool> ReadAsync(FrameStream frames)
    {
        using var frame = await frames.ReadAsync(default);
        return frame is not null;
    }

    /// <summary>Answers the handshake and one scan; one of the answers, or all at once, is edited.</summary>
    private static async Task AnswerAsync(FrameStream frames, Stream stream, Func<byte[], byte[]> edit)
    {
        await ReadAsync(frames);
        await frames.WriteAsync(LyingAgent.Welcome, default);
        await ReadAsync(frames);
        var packed = Pack(s_content.AsSpan(2 * Chunk, Chunk));
        byte[] answers =
        [
            .. Data(0, s_content.AsMemory(0, Chunk), SHA256.HashData(s_content.AsSpan(0, Chunk))).Span,
            .. ScanResults.Zeros(1, new WorkerRange(Chunk, Chunk)).Span,
            .. Data(2 * Chunk, packed, SHA256.HashData(s_content.AsSpan(2 * Chunk, Chunk)), ScanResults.Zstd).Span,
            .. Data(3 * Chunk, s_content.AsMemory(3 * Chunk), SHA256.HashData(s_content.AsSpan(3 * Chunk))).Span,
            .. new ScanCompleted(false, 4 * Chunk, Chunk, 0).ToFrame(1).Span,
        ];
        await stream.WriteAsync(edit(answers));

        // Whoever waits for more than came gets the end instead.
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        try
        {
            await stream.CopyToAsync(Stream.Null, patience.Token);
        }
        catch (OperationCanceledException)
        {
            // The client has not closed the connection.
        }
    }
}
