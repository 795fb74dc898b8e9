using Coriolis.Destinations.Conformance;
using Coriolis.Providers;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Replication.Tests;

/// <summary>A process ends in the middle of a disk; the next one goes on where it was.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ReplicaResumeTests : IDisposable
{
    private const int Chunk = TestReplica.ChunkSize;

    private readonly TestReplica _replica = new();

    public ReplicaResumeTests()
    {
        // One chunk after the other, so that a number of calls is a position.
        _replica.Options.MaxReadsPerDisk = 1;
        _replica.Options.ResumePointInterval = TimeSpan.Zero;
    }

    public void Dispose() => _replica.Dispose();

    [Test]
    public async Task RunAsync_KilledAfterSomeChunks_ReadsAndWritesOnlyTheRest([Values] bool power)
    {
        _replica.AddVolume("vol-1", chunks: 40);
        using var next = await CrashAtAsync("read", 31, power);
        var reads = CountReads(next);

        var report = await next.RunAsync();

        var disk = report.Disks.Single();
        Assert.That(disk.Status, Is.EqualTo(DiskStatus.Committed), disk.Error?.ToString());
        Assert.That(report.Resumed, Is.True);
        Assert.That(disk.ResumedBytes, Is.EqualTo(30 * Chunk));
        Assert.That(disk.TransferredBytes, Is.EqualTo(10 * Chunk));
        Assert.That(reads(), Is.EqualTo(10));
        Assert.That(report.ExecutionId, Is.EqualTo(_executionId));
        next.AssertReplicaEqualsSource();
        await next.AssertNothingLeftBehindAsync();
        AssertNothingUnfinished(next);
    }

    [Test]
    public async Task RunAsync_IncrementalRunKilled_ReadsOnlyTheRestOfWhatChanged([Values] bool power)
    {
        var bytes = _replica.AddVolume("vol-1", chunks: 40);
        await _replica.RunAsync();
        TestReplica.Fill(bytes, 4 * Chunk, 20 * Chunk, seed: 9);
        using var next = await CrashAtAsync("read", 16, power);
        var reads = CountReads(next);

        var report = await next.RunAsync();

        Assert.That(report.Disks[0].Mode, Is.EqualTo(ReplicaMode.Incremental));
        Assert.That(report.Disks[0].ResumedBytes, Is.EqualTo(19 * Chunk));
        Assert.That(reads(), Is.EqualTo(5));
        next.AssertReplicaEqualsSource();
        await next.AssertNothingLeftBehindAsync();
        AssertNothingUnfinished(next);
    }

    [Test]
    public async Task RunAsync_KilledAtAnyStep_IsCompletedByTheNextExecution(
        [Values] bool incremental,
        [Values] bool power,
        [Values("changes", "read", "write", "zero", "flush", "flushed", "commit", "committed", "retain", "release")] string step)
    {
        var points = 0;
        for (; ; points++)
        {
            using var replica = new TestReplica();
            replica.Options.MaxReadsPerDisk = 1;
            replica.Options.ResumePointInterval = TimeSpan.Zero;
            await PrepareAsync(replica, incremental);
            if (await TryCrashAtAsync(replica, step, points + 1, power) is not { } next)
            {
                break;
            }

            using (next)
            {
                var report = await next.RunAsync();
                var where = $"{step} {points + 1}";
                Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Succeeded), where);
                next.AssertReplicaEqualsSource();
                await next.AssertNothingLeftBehindAsync();
                AssertNothingUnfinished(next);
            }
        }

        // A new disk reads as zeros: nothing has to be made zero.
        Assert.That(points, step == "zero" && !incremental ? Is.Zero : Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public async Task RunAsync_ResumePointAheadOfTheDestination_FetchesWhatIsNotThere()
    {
        // A disk that acknowledged a flush and then lost what it had flushed.
        _replica.AddVolume("vol-1", chunks: 40);
        using var next = await CrashAtAsync("read", 31, power: false);
        next.Destination.Disks["vol-1"].Tamper(bytes => bytes.AsSpan(7 * Chunk, 3 * Chunk).Clear());
        var reads = CountReads(next);

        var report = await next.RunAsync();

        Assert.That(report.Disks[0].ResumedBytes, Is.EqualTo(30 * Chunk));
        Assert.That(reads(), Is.EqualTo(13));
        next.AssertReplicaEqualsSource();
    }

    [Test]
    public async Task RunAsync_DraftDamaged_BeginsTheDiskAnew()
    {
        _replica.AddVolume("vol-1", chunks: 40);
        using var next = await CrashAtAsync("read", 31, power: false);
        using (var draft = File.OpenHandle(Path.Combine(next.ReplicaDirectory, "vol-1.draft"), FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.Write(draft, new byte[ChunkDigest.Size], ManifestLayout.DigestOffset(3));
        }

        next.Destination.Disks["vol-1"].Tamper(bytes => bytes.AsSpan(3 * Chunk, Chunk).Clear());

        var report = await next.RunAsync();

        Assert.That(report.Disks[0].ResumedBytes, Is.Zero);
        Assert.That(report.Disks[0].Status, Is.EqualTo(DiskStatus.Committed));
        next.AssertReplicaEqualsSource();
        await next.AssertNothingLeftBehindAsync();
    }

    [Test]
    public async Task RunAsync_SourceChangedSince_HoldsTheCapturedMomentAndTheNextExecutionTheRest()
    {
        _replica.AddVolume("vol-1", chunks: 40);
        using var next = await CrashAtAsync("read", 31, power: false);
        var captured = next.Source.Volumes["vol-1"].ToArray();
        TestReplica.Fill(next.Source.Volumes["vol-1"], 2 * Chunk, Chunk, seed: 5);

        await next.RunAsync();
        Assert.That(next.Destination.Disks["vol-1"].Bytes, Is.EqualTo(captured));
        var report = await next.RunAsync();

        Assert.That(report.Disks[0].TransferredBytes, Is.EqualTo(Chunk));
        next.AssertReplicaEqualsSource();
        await next.AssertNothingLeftBehindAsync();
    }

    [TestCase("shutdown")]
    [TestCase("not wanted")]
    [TestCase("too old")]
    [TestCase("gone")]
    [TestCase("a new disk")]
    public async Task RunAsync_CaptureCannotBeContinued_MakesANewOneAndSweepsTheOld(string why)
    {
        _replica.TimeProvider = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(20_000));
        _replica.AddVolume("vol-1", chunks: 40);
        using var next = await CrashAtAsync("read", 31, power: false);
        var old = next.Source.Snapshots.Keys.Single();
        TestReplica.Fill(next.Source.Volumes["vol-1"], 2 * Chunk, Chunk, seed: 5);
        switch (why)
        {
            case "too old":
                next.TimeProvider = new FakeTimeProvider(_replica.TimeProvider.GetUtcNow() + TimeSpan.FromHours(13));
                break;
            case "gone":
                next.Source.Snapshots.Clear();
                break;
            case "a new disk":
                next.AddVolume("vol-2", chunks: 4, seed: 3);
                break;
        }

        var report = await next.RunAsync(new ReplicationRequest { Instance = "web", ShutDown = why == "shutdown", Resume = why != "not wanted" });

        Assert.That(report.Resumed, Is.False);
        Assert.That(report.Status, Is.EqualTo(ExecutionStatus.Succeeded));
        Assert.That(next.Source.Snapshots.Keys, Has.None.EqualTo(old));
        next.AssertReplicaEqualsSource();
        await next.AssertNothingLeftBehindAsync();
        AssertNothingUnfinished(next);
    }

    [Test]
    public async Task RunAsync_LeftoverOfAnOlderExecution_IsNeverContinuedAfterALaterOne()
    {
        var bytes = _replica.AddVolume("vol-1", chunks: 40);
        using var next = await CrashAtAsync("read", 31, power: false);
        next.Source.OnCall = (operation, _, _) => operation == "sweep" ? throw new SourceException("no permission") : ValueTask.CompletedTask;
        await next.RunAsync(new ReplicationRequest { Instance = "web", Resume = false });
        TestReplica.Fill(next.Source.Volumes["vol-1"], 0, Chunk, seed: 6);
        next.Source.OnCall = null;

        var report = await next.RunAsync();

        Assert.That(report.Resumed, Is.False);
        next.AssertReplicaEqualsSource();
        await next.AssertNothingLeftBehindAsync();
    }

    [Test]
    public async Task RunAsync_TheCaptureCannotBeLookedFor_LeavesItToTheNextExecution()
    {
        _replica.AddVolume("vol-1", chunks: 40);
        using var next = await CrashAtAsync("read", 31, power: false);
        next.Source.OnCall = static (operation, _, _) => operation == "resume" ? throw new SourceException("throttled") { IsTransient = true } : ValueTask.CompletedTask;
        Assert.ThrowsAsync<SourceException>(() => next.RunAsync());
        next.Source.OnCall = null;

        var report = await next.RunAsync();

        Assert.That(report.Resumed, Is.True);
        Assert.That(report.Disks[0].ResumedBytes, Is.EqualTo(30 * Chunk));
        next.AssertReplicaEqualsSource();
        await next.AssertNothingLeftBehindAsync();
        AssertNothingUnfinished(next);
    }

    [Test]
    public async Task RunAsync_DestinationCannotFlush_RecordsNoResumePoint()
    {
        _replica.Destination = new InMemoryDestination { Capabilities = new WriterCapabilities { CanReadBack = true } };
        _replica.AddVolume("vol-1", chunks: 40);
        using var next = await CrashAtAsync("read", 31, power: false);
        Assert.That(Directory.EnumerateFiles(next.ReplicaDirectory, "*.resume"), Is.Empty);

        var report = await next.RunAsync();

        Assert.That(report.Disks[0].ResumedBytes, Is.Zero);
        next.AssertReplicaEqualsSource();
    }

    [Test]
    public async Task RunAsync_FlushFails_FailsTheDisk()
    {
        _replica.AddVolume("vol-1", chunks: 4);
        _replica.Destination.OnCall = (operation, _, _) => operation == "flush" ? throw new IOException("lost a write") : ValueTask.CompletedTask;

        var report = await _replica.RunAsync();

        Assert.That(report.Disks[0].Error, Is.TypeOf<DestinationException>().With.Message.Contains("lost a write"));
        Assert.That(Directory.EnumerateFiles(_replica.ReplicaDirectory, "*.resume"), Is.Empty);
    }

    private string? _executionId;

    private static async Task PrepareAsync(TestReplica replica, bool incremental)
    {
        var first = replica.AddVolume("vol-1", chunks: 10);
        first.AsSpan(2 * Chunk, 2 * Chunk).Clear();
        first.AsSpan(7 * Chunk, Chunk).Clear();
        if (!incremental)
        {
            return;
        }

        await replica.RunAsync();
        TestReplica.Fill(first, Chunk, 2 * Chunk, seed: 3);
        first.AsSpan(4 * Chunk, 2 * Chunk).Clear();
        TestReplica.Fill(first, 9 * Chunk, 100, seed: 4);
    }

    private static Func<int> CountReads(TestReplica replica)
    {
        var reads = 0;
        replica.Source.OnCall = (operation, _, _) =>
        {
            reads += operation == "read" ? 1 : 0;
            return ValueTask.CompletedTask;
        };
        return () => reads;
    }

    private async Task<TestReplica> CrashAtAsync(string step, int occurrence, bool power)
    {
        var next = await TryCrashAtAsync(_replica, step, occurrence, power);
        _executionId = _replica.Source.LastRequest!.ExecutionId;
        return next ?? throw new InvalidOperationException("The step is never reached.");
    }

    /// <summary>Ends a run before a call, and returns what the process left; null when the run has no such call.</summary>
    private static async Task<TestReplica?> TryCrashAtAsync(TestReplica replica, string step, int occurrence, bool power)
    {
        TestReplica? left = null;
        var calls = 0;
        ValueTask OnCall(string operation, string? diskId, CancellationToken cancellationToken)
        {
            if (left is not null || operation != step || ++calls != occurrence)
            {
                return ValueTask.CompletedTask;
            }

            left = replica.AfterCrash(power);
            throw new InvalidOperationException("the end");
        }

        replica.Source.OnCall = OnCall;
        replica.Destination.OnCall = OnCall;
        try
        {
            await replica.RunAsync();
        }
        catch (InvalidOperationException)
        {
            // What this process goes on to do is not part of what it left.
        }

        return left;
    }

    private static void AssertNothingUnfinished(TestReplica replica)
    {
        var names = Directory.EnumerateFiles(replica.ReplicaDirectory, "*", SearchOption.AllDirectories).Select(Path.GetFileName);
        Assert.That(names, Has.None.Match("draft|pending|resume|tmp|journal"));
    }
}
