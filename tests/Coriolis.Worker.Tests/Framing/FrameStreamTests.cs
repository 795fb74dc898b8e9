using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class FrameStreamTests : IAsyncDisposable
{
    private static readonly byte[] s_frame = new FrameBuilder(FrameType.Ping, 1).Complete().ToArray();

    private readonly GatheringStream _peer = new();
    private readonly FrameStream _frames;

    public FrameStreamTests() => _frames = new FrameStream(_peer, ProtocolLimits.MaxRequestPayload);

    public async ValueTask DisposeAsync()
    {
        await _frames.DisposeAsync();
        await _peer.DisposeAsync();
    }

    [Test]
    public async Task WriteAsync_Alone_ReachesThePeer()
    {
        await _frames.WriteAsync(s_frame, default);

        Assert.That(_peer.Arrived, Is.EqualTo(s_frame.Length));
    }

    [Test]
    public async Task WriteAsync_MoreFollows_ReachesThePeerWithWhatFollows()
    {
        await _frames.WriteAsync(s_frame, moreFollows: true, default);
        Assert.That(_peer.Arrived, Is.Zero);

        await _frames.WriteAsync(s_frame, default);
        Assert.That(_peer.Arrived, Is.EqualTo(2 * s_frame.Length));
        Assert.That(_peer.Flushes, Is.EqualTo(1));
    }

    [Test]
    public async Task WriteAsync_OthersWait_ReachesThePeerWithTheLastOfThem()
    {
        var first = _peer.HoldNextWrite();
        var writes = Enumerable.Range(0, 3).Select(_ => _frames.WriteAsync(s_frame, default).AsTask()).ToList();

        first.SetResult();
        await Task.WhenAll(writes);

        Assert.That(_peer.Arrived, Is.EqualTo(3 * s_frame.Length));
        Assert.That(_peer.Flushes, Is.EqualTo(1));
    }

    [Test]
    public async Task WriteAsync_WaitingWriterIsCancelled_ReachesThePeer()
    {
        using var cancellation = new CancellationTokenSource();
        var first = _peer.HoldNextWrite();
        var writing = _frames.WriteAsync(s_frame, default).AsTask();
        var waiting = _frames.WriteAsync(s_frame, cancellation.Token).AsTask();

        await cancellation.CancelAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
        first.SetResult();
        await writing;

        Assert.That(_peer.Arrived, Is.EqualTo(s_frame.Length));
    }

    /// <summary>Keeps what is written until it is flushed, as the buffer of a connection does.</summary>
    private sealed class GatheringStream : MemoryStream
    {
        private TaskCompletionSource? _hold;

        /// <summary>How many bytes have left.</summary>
        public long Arrived { get; private set; }

        public int Flushes { get; private set; }

        public TaskCompletionSource HoldNextWrite() => _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Exchange(ref _hold, null) is { } hold)
            {
                await hold.Task.WaitAsync(cancellationToken);
            }

            Write(buffer.Span);
        }

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            Flushes++;
            Arrived = Length;
            return Task.CompletedTask;
        }
    }
}
