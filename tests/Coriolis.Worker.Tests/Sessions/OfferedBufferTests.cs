using System.Security.Cryptography;
using Coriolis.Worker.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Worker.Tests;

public sealed class OfferedBufferTests
{
    private const int Chunk = 64 * 1024;
    private const int HeadSize = FrameHeader.Size + ScanResults.DataPrefixSize;

    private static readonly WorkerDevice s_device = new() { Name = "xvdf", Path = "/dev/xvdf", SizeBytes = Chunk };
    private static readonly byte[] s_content = RandomNumberGenerator.GetBytes(Chunk);

    [Test]
    public void TryClaim_Twice_GivesItOnce()
    {
        var offered = new OfferedBuffer(new byte[Chunk]);

        Assert.That(offered.TryClaim(Chunk), Is.True);
        Assert.That(offered.TryClaim(Chunk), Is.False);
    }

    [Test]
    public void TryClaim_AnotherLength_LeavesTheOffer()
    {
        var offered = new OfferedBuffer(new byte[Chunk]);

        Assert.That(offered.TryClaim(Chunk - 1), Is.False);
        Assert.That(offered.TryClaim(Chunk), Is.True);
    }

    [Test]
    public void TakeBackAsync_Unclaimed_EndsTheOffer()
    {
        var offered = new OfferedBuffer(new byte[Chunk]);

        Assert.That(offered.TakeBackAsync().IsCompletedSuccessfully, Is.True);
        Assert.That(offered.TryClaim(Chunk), Is.False);
    }

    [Test]
    public async Task TakeBackAsync_Claimed_WaitsForTheRelease()
    {
        var offered = new OfferedBuffer(new byte[Chunk]);
        offered.TryClaim(Chunk);

        var back = offered.TakeBackAsync();
        Assert.That(back.IsCompleted, Is.False);

        offered.Release();
        await back;
    }

    [Test]
    public async Task ReadAsync_RawBytes_ArriveInTheCallersBuffer()
    {
        await using var agent = new LyingAgent(async (frames, _) =>
        {
            await ShakeHandsAsync(frames);
            await frames.WriteAsync(Data(s_content), default);
            await frames.WriteAsync(new ScanCompleted(false, Chunk, 0, 0).ToFrame(1), default);
            await frames.ReadAsync(default);
        });
        await using var client = agent.CreateClient();
        var (destination, digest) = (new byte[Chunk], new byte[32]);

        await client.ReadAsync(s_device, 0, destination, digest);

        Assert.That(destination, Is.EqualTo(s_content));
        Assert.That(digest, Is.EqualTo(SHA256.HashData(s_content)));
    }

    [Test]
    public async Task ReadAsync_ChunkThatComesTwice_IsRefusedAndKeepsWhatWasVerified()
    {
        await using var agent = new LyingAgent(async (frames, _) =>
        {
            await ShakeHandsAsync(frames);
            await frames.WriteAsync(Data(s_content), default);
            await frames.WriteAsync(Data(new byte[Chunk]), default);
            await frames.ReadAsync(default);
        });
        await using var client = agent.CreateClient();
        var destination = new byte[Chunk];

        Assert.That(async () => await client.ReadAsync(s_device, 0, destination, new byte[32]), Throws.InstanceOf<WorkerProtocolException>());
        Assert.That(destination, Is.EqualTo(s_content));
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task ReadAsync_CancelledInTheMiddleOfAChunk_LeavesTheBufferAloneOnceItHasEnded(CancellationToken patience)
    {
        var time = new PatientTime();
        var resume = new TaskCompletionSource();
        await using var giveUp = patience.Register(() => resume.TrySetResult());
        var sent = new TaskCompletionSource();
        await using var agent = new LyingAgent(async (frames, stream) =>
        {
            await ShakeHandsAsync(frames);
            var data = Data(s_content);
            await stream.WriteAsync(data[..(HeadSize + (Chunk / 2))]);
            await resume.Task;
            await stream.WriteAsync(data[(HeadSize + (Chunk / 2))..]);
            sent.SetResult();
            await frames.ReadAsync(default);
        });
        await using var client = agent.CreateClient(time);
        using var cancellation = new CancellationTokenSource();
        var destination = new byte[Chunk];
        var read = client.ReadAsync(s_device, 0, destination, new byte[32], cancellation.Token).AsTask();
        while (!destination.AsSpan(0, Chunk / 2).SequenceEqual(s_content.AsSpan(0, Chunk / 2)))
        {
            patience.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await cancellation.CancelAsync();
        await time.IsWaitedFor.WaitAsync(patience);
        Assert.That(read.IsCompleted, Is.False);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(async () => await read, Throws.InstanceOf<OperationCanceledException>());
        Array.Clear(destination);
        resume.TrySetResult();
        await sent.Task.WaitAsync(patience);
        await client.DisposeAsync();
        Assert.That(destination, Is.All.Zero);
    }

    /// <summary>Tells when the rest of a frame is waited for.</summary>
    private sealed class PatientTime : FakeTimeProvider
    {
        private readonly TaskCompletionSource _waited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsWaitedFor => _waited.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == TimeSpan.FromSeconds(1))
            {
                _waited.TrySetResult();
            }

            return timer;
        }
    }

    private static async Task ShakeHandsAsync(FrameStream frames)
    {
        (await frames.ReadAsync(default))!.Dispose();
        await frames.WriteAsync(LyingAgent.Welcome, default);
        (await frames.ReadAsync(default))!.Dispose();
    }

    private static ReadOnlyMemory<byte> Data(byte[] content)
    {
        var digest = new byte[ProtocolLimits.DigestSize];
        ChunkHash.Compute(WorkerHash.XxHash3, content, digest);
        var frame = new byte[HeadSize + content.Length];
        ScanResults.WriteDataHead(frame, 1, 0, content.Length, ScanResults.Raw, content.Length, digest);
        content.CopyTo(frame, HeadSize);
        return frame;
    }
}
