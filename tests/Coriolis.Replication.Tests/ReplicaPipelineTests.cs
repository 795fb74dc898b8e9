using Coriolis.Destinations.Conformance;
using Coriolis.Providers;

namespace Coriolis.Replication.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ReplicaPipelineTests : IDisposable
{
    private const int Chunk = TestReplica.ChunkSize;

    private readonly TestReplica _replica = new();

    public void Dispose() => _replica.Dispose();

    [Test]
    public async Task RunAsync_FirstTime_CopiesDataAndSkipsZeros()
    {
        var bytes = _replica.AddVolume("vol-1", chunks: 40);
        bytes.AsSpan(10 * Chunk, 20 * Chunk).Clear();

        var report = await _replica.RunAsync();

        Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Succeeded));
        Assert.That(report.Mode, Is.EqualTo(ReplicaMode.Full));
        Assert.That(report.Disks[0].TransferredBytes, Is.EqualTo(20 * Chunk));
        Assert.That(report.Disks[0].ZeroBytes, Is.EqualTo(20 * Chunk));
        Assert.That(_replica.Destination.Disks["vol-1"].WrittenBytes, Is.EqualTo(20 * Chunk));
        _replica.AssertReplicaEqualsSource();
        await _replica.AssertNothingLeftBehindAsync();
    }

    [Test]
    public async Task RunAsync_SecondTime_SendsOnlyWhatChanged()
    {
        var bytes = _replica.AddVolume("vol-1", chunks: 40);
        await _replica.RunAsync();
        TestReplica.Fill(bytes, 5 * Chunk, Chunk, seed: 2);
        bytes.AsSpan(7 * Chunk, Chunk).Clear();

        var report = await _replica.RunAsync();

        Assert.That(report.Mode, Is.EqualTo(ReplicaMode.Incremental));
        Assert.That(report.Disks[0].ChangedBytes, Is.EqualTo(2 * Chunk));
        Assert.That(report.Disks[0].TransferredBytes, Is.EqualTo(Chunk));
        Assert.That(report.Disks[0].ZeroBytes, Is.EqualTo(Chunk));
        _replica.AssertReplicaEqualsSource();
        await _replica.AssertNothingLeftBehindAsync();
    }

    [Test]
    public async Task RunAsync_SameBytesReportedAsChanged_WritesNothing()
    {
        _replica.AddVolume("vol-1", chunks: 40);
        await _replica.RunAsync();
        var written = _replica.Destination.Disks["vol-1"].WrittenBytes;
        _replica.Source.Snapshots.Clear();

        var report = await _replica.RunAsync();

        Assert.That(report.Disks[0].ChangedBytes, Is.EqualTo(40 * Chunk));
        Assert.That(report.Disks[0].TransferredBytes, Is.Zero);
        Assert.That(_replica.Destination.Disks["vol-1"].WrittenBytes, Is.EqualTo(written));
    }

    [Test]
    public async Task RunAsync_NothingChanged_KeepsTheContentRoot()
    {
        _replica.AddVolume("vol-1", chunks: 3);
        var first = await _replica.RunAsync();

        var second = await _replica.RunAsync();

        Assert.That(second.Disks[0].ContentRoot, Is.Not.Null.And.EqualTo(first.Disks[0].ContentRoot));
    }

    [Test]
    public async Task RunAsync_DestinationModified_RepairsOnlyTheDamage()
    {
        _replica.AddVolume("vol-1", chunks: 40);
        await _replica.RunAsync();
        _replica.Destination.Disks["vol-1"].Tamper(bytes => bytes[9 * Chunk]++);

        var report = await _replica.RunAsync();

        Assert.That(report.Disks[0].Mode, Is.EqualTo(ReplicaMode.Incremental));
        Assert.That(report.Disks[0].ModeReason, Does.Contain("modified after the last commit"));
        Assert.That(report.Disks[0].TransferredBytes, Is.EqualTo(Chunk));
        _replica.AssertReplicaEqualsSource();
    }

    [Test]
    public async Task RunAsync_DamagedZerosOfTheDestination_AreZeroedAgain()
    {
        var bytes = _replica.AddVolume("vol-1", chunks: 40);
        bytes.AsSpan(10 * Chunk, 5 * Chunk).Clear();
        await _replica.RunAsync();
        _replica.Destination.Disks["vol-1"].Tamper(stored => stored[12 * Chunk] = 1);

        var report = await _replica.RunAsync();

        Assert.That(report.Disks[0].TransferredBytes, Is.Zero);
        _replica.AssertReplicaEqualsSource();
    }

    [Test]
    public async Task RunAsync_DestinationUnknownAndUnreadable_CopiesAllAndWritesZeros()
    {
        _replica.Destination = new InMemoryDestination { Capabilities = new WriterCapabilities { CanReadBack = false } };
        var bytes = _replica.AddVolume("vol-1", chunks: 20);
        bytes.AsSpan(0, 10 * Chunk).Clear();
        await _replica.RunAsync();
        _replica.Destination.Disks["vol-1"].Tamper(stored => Array.Fill(stored, (byte)0xEE));

        var report = await _replica.RunAsync();

        Assert.That(report.Disks[0].Mode, Is.EqualTo(ReplicaMode.Full));
        Assert.That(report.Disks[0].TransferredBytes, Is.EqualTo(10 * Chunk));
        _replica.AssertReplicaEqualsSource();
    }

    [Test]
    public async Task RunAsync_DestinationLost_CopiesAll()
    {
        _replica.AddVolume("vol-1", chunks: 10);
        await _replica.RunAsync();
        _replica.Destination.Remove("vol-1");

        var report = await _replica.RunAsync();

        Assert.That(report.Disks[0].Mode, Is.EqualTo(ReplicaMode.Full));
        _replica.AssertReplicaEqualsSource();
    }

    [Test]
    public async Task RunAsync_ManifestLost_CopiesAllAndTrustsNothing()
    {
        var bytes = _replica.AddVolume("vol-1", chunks: 10);
        await _replica.RunAsync();
        File.Delete(Path.Combine(_replica.ReplicaDirectory, "vol-1.manifest"));
        bytes.AsSpan(0, 3 * Chunk).Clear();

        var report = await _replica.RunAsync();

        Assert.That(report.Disks[0].Mode, Is.EqualTo(ReplicaMode.Full));
        Assert.That(report.Disks[0].TransferredBytes, Is.EqualTo(7 * Chunk));
        _replica.AssertReplicaEqualsSource();
    }

    [TestCase(10, TestName = "RunAsync_ManifestHeaderCorrupt_OnlyThatDiskIsCopiedInFull")]
    [TestCase(4100, TestName = "RunAsync_ManifestDigestCorrupt_OnlyThatDiskIsCopiedInFull")]
    public async Task RunAsync_ManifestCorrupt_OnlyThatDiskIsCopiedInFull(int offset)
    {
        _replica.AddVolume("vol-1", chunks: 10);
        _replica.AddVolume("vol-2", chunks: 10);
        await _replica.RunAsync();
        var path = Path.Combine(_replica.ReplicaDirectory, "vol-1.manifest");
        var manifest = await File.ReadAllBytesAsync(path);
        manifest[offset + 8] ^= 1;
        await File.WriteAllBytesAsync(path, manifest);

        var report = await _replica.RunAsync();

        Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Succeeded));
        Assert.That(report.Disks.Select(disk => disk.Mode), Is.EqualTo([ReplicaMode.Full, ReplicaMode.Incremental]));
        Assert.That(report.Disks[0].ModeReason, Is.EqualTo("its manifest is corrupt"));
        Assert.That((await _replica.RunAsync()).Mode, Is.EqualTo(ReplicaMode.Incremental));
        _replica.AssertReplicaEqualsSource();
    }

    [Test]
    public async Task RunAsync_DiskGrew_SendsTheNewTail()
    {
        _replica.AddVolume("vol-1", chunks: 10);
        await _replica.RunAsync();
        var grown = _replica.Source.Volumes["vol-1"];
        Array.Resize(ref grown, 15 * Chunk);
        TestReplica.Fill(grown, 12 * Chunk, Chunk, seed: 3);
        _replica.Source.Volumes["vol-1"] = grown;

        var report = await _replica.RunAsync();

        Assert.That(report.Disks[0].Mode, Is.EqualTo(ReplicaMode.Incremental));
        Assert.That(report.Disks[0].TransferredBytes, Is.EqualTo(Chunk));
        Assert.That(report.Disks[0].ModeReason, Does.Contain("grown"));
        _replica.AssertReplicaEqualsSource();
    }

    [Test]
    public async Task RunAsync_SizeIsNoMultipleOfTheChunkSizeAndGrows_ReplicaEqualsSource()
    {
        _replica.Source.Volumes["vol-1"] = new byte[(3 * Chunk) + 100];
        Array.Fill(_replica.Source.Volumes["vol-1"], (byte)7);
        await _replica.RunAsync();
        var grown = _replica.Source.Volumes["vol-1"];
        Array.Resize(ref grown, (5 * Chunk) + 10);
        _replica.Source.Volumes["vol-1"] = grown;

        var report = await _replica.RunAsync();

        Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Succeeded));
        _replica.AssertReplicaEqualsSource();
    }

    [Test]
    public async Task RunAsync_DiskShrank_FailsOnlyThatDisk()
    {
        _replica.AddVolume("vol-1", chunks: 10);
        _replica.AddVolume("vol-2", chunks: 10);
        await _replica.RunAsync();
        _replica.AddVolume("vol-1", chunks: 9);

        var report = await _replica.RunAsync();

        Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Failed));
        Assert.That(report.Disks.Select(disk => disk.Status), Is.EqualTo([DiskStatus.Failed, DiskStatus.Committed]));
        Assert.That(report.Disks[0].Error, Is.TypeOf<ReplicaStateException>());
        await _replica.AssertNothingLeftBehindAsync();
    }

    [Test]
    public async Task RunAsync_DiskAddedAndDiskExcluded_LeavesTheExcludedOneAlone()
    {
        _replica.AddVolume("vol-1", chunks: 4);
        await _replica.RunAsync();
        var before = _replica.Source.Volumes["vol-1"].ToArray();
        TestReplica.Fill(_replica.Source.Volumes["vol-1"], 0, Chunk, seed: 9);
        _replica.AddVolume("vol-2", chunks: 4);

        var report = await _replica.RunAsync(new ReplicationRequest { Instance = "web", ExcludedDiskIds = new HashSet<string> { "vol-1" } });

        Assert.That(report.Disks.Select(disk => disk.DiskId), Is.EqualTo(["vol-2"]));
        Assert.That(_replica.Destination.Disks["vol-1"].Bytes, Is.EqualTo(before));
        Assert.That(_replica.Destination.Disks["vol-2"].Bytes, Is.EqualTo(_replica.Source.Volumes["vol-2"]));
        await _replica.AssertNothingLeftBehindAsync();
    }

    [Test]
    public void RunAsync_UnknownDiskExcluded_ThrowsAndCreatesNothing()
    {
        _replica.AddVolume("vol-1", chunks: 1);

        Assert.That(
            async () => await _replica.RunAsync(new ReplicationRequest { Instance = "web", ExcludedDiskIds = new HashSet<string> { "vol-9" } }),
            Throws.ArgumentException.With.Message.Contains("vol-9").And.Message.Contains("vol-1"));
        Assert.That(_replica.Source.Snapshots, Is.Empty);
    }

    [Test]
    public async Task RunAsync_ChunkSizeDoesNotFitTheAlignment_FailsWithTheRemedy()
    {
        _replica.Destination = new InMemoryDestination { Capabilities = new WriterCapabilities { Alignment = 3 * 4096 } };
        _replica.AddVolume("vol-1", chunks: 1);

        var report = await _replica.RunAsync();

        Assert.That(report.Disks[0].Error, Is.TypeOf<DestinationException>().With.Message.Contains("chunk size"));
        await _replica.AssertNothingLeftBehindAsync();
    }

    [Test]
    public async Task RunAsync_SameReplicaTwiceAtOnce_RefusesTheSecond()
    {
        _replica.AddVolume("vol-1", chunks: 1);
        var captured = new TaskCompletionSource();
        var proceed = new TaskCompletionSource();
        _replica.Source.OnCall = async (operation, _, _) =>
        {
            if (operation == "capture")
            {
                captured.TrySetResult();
                await proceed.Task;
            }
        };
        var first = _replica.RunAsync();
        await captured.Task;

        Assert.That(async () => await _replica.RunAsync(), Throws.TypeOf<ReplicaStateException>());

        proceed.SetResult();
        Assert.That((await first).Status, Is.EqualTo(ExecutionStatus.Succeeded));
    }

    [Test]
    public async Task RunAsync_Verify_ReadsBackBeforeTheCommit()
    {
        _replica.AddVolume("vol-1", chunks: 10);
        _replica.Destination.OnCall = (operation, diskId, _) =>
        {
            // A disk that loses a write.
            if (operation == "read")
            {
                _replica.Destination.Disks[diskId].Bytes[0] = 0;
            }

            return ValueTask.CompletedTask;
        };

        var report = await _replica.RunAsync(new ReplicationRequest { Instance = "web", Verify = true });

        Assert.That(report.Disks[0].Error, Is.TypeOf<IntegrityException>().With.Message.Contains("1 chunks"));
        Assert.That(report.Disks[0].ContentRoot, Is.Null);
        Assert.That(File.Exists(Path.Combine(_replica.ReplicaDirectory, "vol-1.manifest")), Is.False);
    }

    [Test]
    public async Task RunAsync_ManyChunksInFlight_KeepsTheMemoryBudgetAndTheWriterLimit()
    {
        _replica.Destination = new InMemoryDestination { Capabilities = new WriterCapabilities { MaxConcurrency = 3 } };
        _replica.AddVolume("vol-1", chunks: 200);
        _replica.AddVolume("vol-2", chunks: 200, seed: 2);
        var (writers, maxWriters, maxRented) = (new Dictionary<string, int> { ["vol-1"] = 0, ["vol-2"] = 0 }, 0, 0);
        var gate = new Lock();
        _replica.Destination.OnCall = async (operation, diskId, token) =>
        {
            if (operation != "write")
            {
                return;
            }

            lock (gate)
            {
                maxWriters = Math.Max(maxWriters, ++writers[diskId]);
                maxRented = Math.Max(maxRented, _replica.Engine.Buffers.Rented);
            }

            await Task.Yield();
            lock (gate)
            {
                writers[diskId]--;
            }
        };

        var report = await _replica.RunAsync();

        Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Succeeded));
        Assert.That(maxWriters, Is.LessThanOrEqualTo(3));
        Assert.That(maxRented, Is.InRange(2, 16));
        _replica.AssertReplicaEqualsSource();
        await _replica.AssertNothingLeftBehindAsync();
    }

    [Test]
    public async Task RunAsync_CrashBeforeTheRelease_IsSweptByTheNextExecution()
    {
        _replica.AddVolume("vol-1", chunks: 2);
        using (var state = await _replica.States.OpenAsync("i-1", CancellationToken.None))
        using (var journal = state.CreateJournal("exec-crashed"))
        {
            await journal.IntendAsync("set/1", "snapshot");
            _replica.Source.Snapshots["snap-orphan"] = [];
        }

        await _replica.RunAsync();

        Assert.That(_replica.Source.Sweeps.Single().EndedExecutionIds, Is.EqualTo(["exec-crashed"]));
        Assert.That(_replica.Source.Snapshots.Keys, Does.Not.Contain("snap-orphan"));
        await _replica.AssertNothingLeftBehindAsync();
    }

    [Test]
    public async Task RunAsync_CrashAfterStoppingTheInstance_HasItStartedByTheNextExecution()
    {
        _replica.AddVolume("vol-1", chunks: 2);
        using (var state = await _replica.States.OpenAsync("i-1", CancellationToken.None))
        using (var journal = state.CreateJournal("exec-crashed"))
        {
            await journal.CreatedAsync("stop", IResourceJournal.StoppedInstance, "i-1");
        }

        await _replica.RunAsync();

        var stopped = _replica.Source.Sweeps.Single().StoppedInstances.Single();
        Assert.That((stopped.InstanceId, stopped.ExecutionId), Is.EqualTo(("i-1", "exec-crashed")));
        await _replica.AssertNothingLeftBehindAsync();
    }

    [Test]
    public async Task RunAsync_EveryDestinationFails_ThrowsBeforeAnythingIsCaptured()
    {
        _replica.AddVolume("vol-1", chunks: 1);
        _replica.Destination.OnCall = (_, _, _) => throw new DestinationException("read-only");

        Assert.That(async () => await _replica.RunAsync(), Throws.TypeOf<DestinationException>());
        Assert.That(_replica.Source.LastRequest, Is.Null);
        await _replica.AssertNothingLeftBehindAsync();
    }
}
