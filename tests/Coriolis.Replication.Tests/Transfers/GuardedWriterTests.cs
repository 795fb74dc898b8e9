using Coriolis.Providers;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Replication.Tests;

/// <summary>A writer that blocks the thread that calls it, as one does that flushes a file.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class GuardedWriterTests : IDisposable
{
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly BlockingWriter _inner = new();
    private readonly ReplicationEngine _engine;
    private readonly GuardedWriter _writer;

    public GuardedWriterTests()
    {
        var options = new ReplicationOptions { ChunkSize = TestReplica.ChunkSize, StopTimeout = s_stopTimeout };
        _engine = new ReplicationEngine(Options.Create(options), new ReplicationInstruments(), _time);
        _writer = new GuardedWriter(
            _inner, new DiskDescriptor { ReplicaId = "replica-1", InstanceId = "i-1", DiskId = "vol-1", SizeBytes = TestReplica.ChunkSize }, _engine);
    }

    public void Dispose()
    {
        _inner.Dispose();
        _engine.Dispose();
    }

    [Test, CancelAfter(30_000)]
    public async Task CommitAsync_CancelledWhileTheWriterBlocks_EndsAfterTheStopTimeout(CancellationToken patience)
    {
        using var cancellation = new CancellationTokenSource();
        var commit = Start(() => _writer.CommitAsync(new StubManifest(), cancellation.Token));
        await _inner.Entered.WaitAsync(patience);

        await cancellation.CancelAsync();
        await AdvanceUntilAsync(commit, patience);

        Assert.That(commit.IsCanceled);
        Assert.That(_inner.Calls, Is.EqualTo(["commit"]), "it is still in it");
        _inner.Unblock();
    }

    [Test, CancelAfter(30_000)]
    public async Task CommitAsync_WriterBlocksForAWhile_WaitsForIt(CancellationToken patience)
    {
        var commit = Start(() => _writer.CommitAsync(new StubManifest(), CancellationToken.None));
        await _inner.Entered.WaitAsync(patience);
        _time.Advance(2 * s_stopTimeout);
        Assert.That(commit.IsCompleted, Is.False);

        _inner.Unblock();
        await commit.WaitAsync(patience);

        Assert.That(_inner.Calls, Is.EqualTo(["commit", "committed"]));
    }

    [Test, CancelAfter(30_000)]
    public async Task DisposeAsync_WriterBlocks_EndsAfterTheStopTimeout(CancellationToken patience)
    {
        var disposal = Start(() => _writer.DisposeAsync().AsTask());
        await _inner.Entered.WaitAsync(patience);

        await AdvanceUntilAsync(disposal, patience);

        Assert.That(disposal.IsCompletedSuccessfully);
        Assert.That(_inner.Calls, Is.EqualTo(["dispose"]), "it is still in it");
        _inner.Unblock();
    }

    // As an execution does it: what is called blocks only the thread that is called on.
    private static Task Start(Func<Task> call) => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private async Task AdvanceUntilAsync(Task task, CancellationToken patience)
    {
        while (!task.IsCompleted && !patience.IsCancellationRequested)
        {
            _time.Advance(s_stopTimeout);
            await Task.Yield();
        }
    }

    private sealed class BlockingWriter : IDiskWriter, IDisposable
    {
        private readonly ManualResetEventSlim _gate = new();
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<string> _calls = [];

        public Task Entered => _entered.Task;

        public IReadOnlyList<string> Calls
        {
            get
            {
                lock (_calls)
                {
                    return [.. _calls];
                }
            }
        }

        public WriterCapabilities Capabilities { get; } = new();

        public DestinationContent Content { get; } = DestinationContent.Unknown("a test");

        public void Unblock() => _gate.Set();

        public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask WriteZeroesAsync(long offset, long length, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task CommitAsync(IDiskManifest manifest, CancellationToken cancellationToken = default)
        {
            Block("commit");
            Record("committed");
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            Block("dispose");
            Record("disposed");
            return ValueTask.CompletedTask;
        }

        public void Dispose() => _gate.Set();

        private void Block(string call)
        {
            Record(call);
            _entered.TrySetResult();
            _gate.Wait();
        }

        private void Record(string call)
        {
            lock (_calls)
            {
                _calls.Add(call);
            }
        }
    }

    private sealed class StubManifest : IDiskManifest
    {
        public DiskManifestInfo Info { get; } = TestManifests.Describe(TestReplica.ChunkSize);

        public ChunkDigest ContentRoot => TestManifests.Digest(1);

        public ValueTask ReadDigestsAsync(long firstChunk, Memory<ChunkDigest> digests, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
