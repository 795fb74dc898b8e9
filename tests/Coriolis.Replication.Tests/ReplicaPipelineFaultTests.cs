using Coriolis.Providers;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Replication.Tests;

/// <summary>A fault and a cancellation at every step; then the next execution must make the replica equal again.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ReplicaPipelineFaultTests : IDisposable
{
    private const int Chunk = TestReplica.ChunkSize;

    private readonly TestReplica _replica = new();

    public void Dispose() => _replica.Dispose();

    [Test]
    public async Task RunAsync_FaultAtEachStep_LeavesNothingAndTheNextExecutionSucceeds(
        [Values("inspect", "capture", "open", "changes", "read", "write", "zero", "commit", "committed", "retain", "release")] string step,
        [Values(1, 3)] int occurrence)
    {
        await PrepareAsync();
        var calls = FailAt(step, occurrence, () => throw new InvalidOperationException("a fault"));

        var outcome = await TryRunAsync(CancellationToken.None);

        Assert.That(calls(), Is.GreaterThanOrEqualTo(1), "the step is never reached");
        Assert.That(outcome, Is.Not.EqualTo(ExecutionStatus.Cancelled));
        await AssertRecoversAsync();
    }

    [Test]
    public async Task RunAsync_CancelAtEachStep_LeavesNothingAndTheNextExecutionSucceeds(
        [Values("inspect", "capture", "open", "changes", "read", "write", "zero", "commit")] string step)
    {
        await PrepareAsync();
        using var cancellation = new CancellationTokenSource();
        FailAt(step, 1, () =>
        {
            cancellation.Cancel();
            cancellation.Token.ThrowIfCancellationRequested();
        });

        var outcome = await TryRunAsync(cancellation.Token);

        Assert.That(outcome, Is.EqualTo(ExecutionStatus.Cancelled));
        await AssertRecoversAsync();
    }

    [Test]
    public async Task RunAsync_CancelAfterTheCommit_KeepsTheCommitAndTheBaseline()
    {
        _replica.AddVolume("vol-1", chunks: 4);
        using var cancellation = new CancellationTokenSource();
        FailAt("committed", 1, cancellation.Cancel);

        var report = await _replica.RunAsync(cancellationToken: cancellation.Token);

        Assert.That(report.Disks[0].Status, Is.EqualTo(DiskStatus.Committed));
        Assert.That(_replica.Source.Snapshots, Has.Count.EqualTo(1));
        await AssertRecoversAsync();
    }

    [Test]
    public async Task RunAsync_OneDiskFails_CommitsTheOthers()
    {
        _replica.AddVolume("vol-1", chunks: 4);
        _replica.AddVolume("vol-2", chunks: 4);
        _replica.Destination.OnCall = (operation, diskId, _) =>
            operation == "write" && diskId == "vol-1" ? throw new IOException("bad sector") : ValueTask.CompletedTask;

        var report = await _replica.RunAsync();

        Assert.That(report.Disks.Select(disk => disk.Status), Is.EqualTo([DiskStatus.Failed, DiskStatus.Committed]));
        Assert.That(report.Disks[0].Error, Is.TypeOf<DestinationException>().With.Message.Contains("vol-1").And.Message.Contains("bad sector"));
        Assert.That(_replica.Source.Releases, Is.EqualTo([CaptureOutcome.Failed]));
        Assert.That(_replica.Destination.Disks["vol-2"].Bytes, Is.EqualTo(_replica.Source.Volumes["vol-2"]));
        await AssertRecoversAsync();
    }

    [Test]
    public async Task RunAsync_RetainFails_IsCommittedAndTheNextExecutionReadsAll()
    {
        _replica.AddVolume("vol-1", chunks: 4);
        FailAt("retain", 1, () => throw new SourceException("no permission"));

        var report = await _replica.RunAsync();
        _replica.Source.OnCall = null;
        var next = await _replica.RunAsync();

        Assert.That(report.Disks[0].Status, Is.EqualTo(DiskStatus.Committed));
        Assert.That(next.Disks[0].ChangedBytes, Is.EqualTo(4 * Chunk));
        Assert.That(next.Disks[0].TransferredBytes, Is.Zero);
        await _replica.AssertNothingLeftBehindAsync();
    }

    [Test]
    public async Task RunAsync_CommitFails_KeepsTheBaselineOfTheCommittedManifest()
    {
        var bytes = _replica.AddVolume("vol-1", chunks: 4);
        await _replica.RunAsync();
        var baseline = _replica.Source.Snapshots.Keys.Single();
        TestReplica.Fill(bytes, 0, Chunk, seed: 3);
        FailAt("commit", 1, () => throw new IOException("no space"));

        var report = await _replica.RunAsync();

        Assert.That(report.Disks[0].Status, Is.EqualTo(DiskStatus.Failed));
        Assert.That(_replica.Source.Snapshots.Keys, Is.EqualTo([baseline]), "what the manifest names is what the next execution compares with");
        await AssertRecoversAsync();
    }

    [Test]
    public async Task RunAsync_StateCannotBeChangedAfterTheRelease_ReportsTheOutcomeAndFreesTheReplica()
    {
        _replica.AddVolume("vol-1", chunks: 4);
        var journal = "";
        _replica.Source.OnCall = (operation, _, _) =>
        {
            if (operation == "release")
            {
                // What cannot be deleted, because it has become a folder.
                journal = Directory.EnumerateFiles(_replica.ReplicaDirectory, "*.journal", SearchOption.AllDirectories).Single();
                foreach (var path in (string[])[journal, Path.Combine(_replica.ReplicaDirectory, "lock.holder")])
                {
                    File.Delete(path);
                    Directory.CreateDirectory(path);
                }
            }

            return ValueTask.CompletedTask;
        };

        var report = await _replica.RunAsync();

        Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Succeeded));
        Assert.That((await _replica.States.ReadStatusAsync()).Single(), Has.Property("IsRunning").False.And.Property("LastExecution").Property("Outcome").EqualTo(ExecutionStatus.Succeeded));
        Directory.Delete(journal);
        Directory.Delete(Path.Combine(_replica.ReplicaDirectory, "lock.holder"));
        await AssertRecoversAsync();
    }

    [TestCase("read", true)]
    [TestCase("read", false)]
    [TestCase("commit", false)]
    [TestCase("committed", false)]
    public async Task RunAsync_UnchangedDiskIsNotCommitted_KeepsTheBaselineForTheNextExecution(string step, bool cancel)
    {
        _replica.AddVolume("vol-1", chunks: 4);
        await _replica.RunAsync();
        var baseline = _replica.Source.Snapshots.Keys.Single();
        using var cancellation = new CancellationTokenSource();
        _replica.Destination.OnCall = (operation, _, _) =>
        {
            if (operation == step && cancel)
            {
                cancellation.Cancel();
                cancellation.Token.ThrowIfCancellationRequested();
            }

            return operation == step ? throw new IOException("no space") : ValueTask.CompletedTask;
        };

        var report = await _replica.RunAsync(new ReplicationRequest { Instance = "web", Verify = true }, cancellation.Token);

        Assert.That(report.Disks[0].Status, Is.EqualTo(cancel ? DiskStatus.Cancelled : DiskStatus.Failed));
        Assert.That(_replica.Source.Snapshots.Keys, Is.EqualTo([baseline]));
        _replica.Destination.OnCall = null;
        var next = await _replica.RunAsync();
        Assert.That(_replica.Source.LastRequest!.Baselines["vol-1"], Is.EqualTo(baseline));
        Assert.That(next.Disks[0].Mode, Is.EqualTo(ReplicaMode.Incremental));
        Assert.That(next.Disks[0].ChangedBytes, Is.Zero, "nothing changed since the baseline");
        Assert.That(_replica.Source.Snapshots, Has.Count.EqualTo(1));
        await _replica.AssertNothingLeftBehindAsync();
    }

    [Test, CancelAfter(30_000)]
    public async Task RunAsync_WriterFailsWithManyChunksInFlight_StopsAndReturnsTheBuffers()
    {
        _replica.AddVolume("vol-1", chunks: 500);
        var writes = 0;
        _replica.Destination.OnCall = async (operation, _, token) =>
        {
            if (operation == "write" && Interlocked.Increment(ref writes) == 10)
            {
                throw new IOException("no space");
            }

            if (operation == "write" && writes > 10)
            {
                await Task.Delay(Timeout.Infinite, token);
            }
        };

        var report = await _replica.RunAsync();

        Assert.That(report.Disks[0].Error, Is.TypeOf<DestinationException>().With.Message.Contains("no space"));
        Assert.That(writes, Is.LessThan(500));
        await AssertRecoversAsync();
    }

    [TestCase("write")]
    [TestCase("commit")]
    [CancelAfter(30_000)]
    public async Task RunAsync_CancelledWhileTheWriterHangs_ReturnsAfterTheStopTimeout(string step)
    {
        var time = new FakeTimeProvider();
        _replica.TimeProvider = time;
        _replica.AddVolume("vol-1", chunks: 20);
        var hanging = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        _replica.Destination.OnCall = async (operation, _, _) =>
        {
            if (operation == step)
            {
                hanging.TrySetResult();
                await never.Task;
            }
        };
        using var cancellation = new CancellationTokenSource();
        var run = _replica.RunAsync(cancellationToken: cancellation.Token);
        await hanging.Task;

        await cancellation.CancelAsync();
        while (!run.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.That((await run).Status, Is.EqualTo(ExecutionStatus.Cancelled));
        Assert.That(_replica.Source.Releases, Is.EqualTo([CaptureOutcome.Failed]));
        never.SetResult();
    }

    private async Task PrepareAsync()
    {
        var first = _replica.AddVolume("vol-1", chunks: 12);
        _replica.AddVolume("vol-2", chunks: 12, seed: 2);
        await _replica.RunAsync();
        TestReplica.Fill(first, 0, 6 * Chunk, seed: 3);
        first.AsSpan(8 * Chunk, Chunk).Clear();
        first.AsSpan(10 * Chunk, 2 * Chunk).Clear();
        _replica.Source.Volumes["vol-2"].AsSpan(0, Chunk).Clear();
        _replica.AddVolume("vol-3", chunks: 5, seed: 4);
    }

    /// <returns>How often the step was reached.</returns>
    private Func<int> FailAt(string step, int occurrence, Action fail)
    {
        var calls = 0;
        ValueTask OnCall(string operation, string? diskId, CancellationToken cancellationToken)
        {
            if (operation == step && Interlocked.Increment(ref calls) == occurrence)
            {
                fail();
            }

            return ValueTask.CompletedTask;
        }

        _replica.Source.OnCall = OnCall;
        _replica.Destination.OnCall = OnCall;
        return () => calls;
    }

    private async Task<ExecutionStatus> TryRunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _replica.RunAsync(cancellationToken: cancellationToken)).Status;
        }
        catch (OperationCanceledException)
        {
            return ExecutionStatus.Cancelled;
        }
        catch (InvalidOperationException)
        {
            return ExecutionStatus.Failed;
        }
    }

    private async Task AssertRecoversAsync()
    {
        _replica.Source.OnCall = null;
        _replica.Destination.OnCall = null;
        Assert.That(_replica.Engine.Buffers.Rented, Is.Zero);
        Assert.That(_replica.Destination.Disks.Values.Any(disk => disk.IsOpen), Is.False);

        var report = await _replica.RunAsync();

        Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Succeeded));
        _replica.AssertReplicaEqualsSource();
        await _replica.AssertNothingLeftBehindAsync();
    }
}
