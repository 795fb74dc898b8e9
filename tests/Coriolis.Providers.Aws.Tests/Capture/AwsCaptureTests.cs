using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Tests.Support;

namespace Coriolis.Providers.Aws.Tests.Capture;

public sealed class AwsCaptureTests
{
    private TestAccount _account = null!;
    private SourceInstance _instance = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _account = await TestAccount.StartAsync(
            builder => builder.Configure(options =>
            {
                options.ExtraTags["cost-center"] = "42";
                options.WorkerAgent = "/nowhere";
            }),
            emulator => emulator.Delays = EmulatorDelays.Realistic);
        var id = await _account.LaunchAsync("web", dataDisks: 2);
        _account.Clock.Advance(TimeSpan.FromMinutes(1));
        _instance = await _account.Provider.GetInstanceAsync(id);
    }

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [Test]
    public async Task CaptureAsync_RunningInstance_OpensOneCompletedSnapshotPerDisk()
    {
        var journal = new RecordingJournal();
        var progress = new RecordingProgress();

        await using var capture = await _account.Provider.CaptureAsync(_instance, Request("e1") with { Journal = journal, Progress = progress });

        var snapshots = await _account.SnapshotsAsync();
        Assert.Multiple(() =>
        {
            Assert.That(capture.Disks.Select(d => d.Disk.Id), Is.EqualTo(_instance.Disks.Select(d => d.Id)));
            Assert.That(capture.Disks.Select(d => d.SourceReference), Is.EquivalentTo(snapshots.Select(s => s.SnapshotId)));
            Assert.That(snapshots.Select(s => s.State.Value), Has.All.EqualTo("completed"));
            Assert.That(snapshots.Select(s => s.StartTime).Distinct().Count(), Is.EqualTo(1));
            Assert.That(capture.PointInTime.UtcDateTime, Is.EqualTo(snapshots[0].StartTime!.Value.ToUniversalTime()));
            Assert.That(journal.Intents, Is.EqualTo(new[] { "snapshot-set/1" }));
            Assert.That(journal.Created, Is.EquivalentTo(snapshots.Select(s => s.SnapshotId)));
            Assert.That(progress.Stages, Does.Contain("creating snapshots").And.Contain("waiting for snapshots"));
        });
        Assert.That(
            snapshots[0].Tags.ToDictionary(t => t.Key, t => t.Value),
            Is.SupersetOf(new Dictionary<string, string>
            {
                ["coriolis:owner"] = "o1",
                ["coriolis:replica"] = "r1",
                ["coriolis:execution"] = "e1",
                ["coriolis:instance"] = _instance.Id,
                ["coriolis:role"] = "capture",
                ["Name"] = "coriolis web",
                ["cost-center"] = "42",
            }));
    }

    [Test]
    public async Task ReadAsync_BytesOfTheVolumeAtThePointInTime_AreReturned()
    {
        var written = new byte[ChunkRange.DefaultChunkSize];
        new Random(7).NextBytes(written);
        var path = _account.Emulator.Admin.GetVolumePath(TestAccount.Region, _instance.Disks[1].Id);
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write))
        {
            RandomAccess.Write(file, written, 3 * written.Length);
        }

        await using var capture = await _account.Provider.CaptureAsync(_instance, Request("e1"));
        var ranges = await capture.Disks[1].GetChangesAsync(null).ToListAsync();
        var read = new byte[written.Length];
        var digest = await capture.Disks[1].ReadAsync(3 * read.Length, read);

        Assert.Multiple(() =>
        {
            Assert.That(read, Is.EqualTo(written));
            Assert.That(digest, Is.EqualTo(ChunkDigest.Compute(written)));
            Assert.That(ranges.Where(r => r.Kind == ChunkKind.Data).Select(r => (r.Offset, r.Length)), Is.EqualTo(new[] { (3L * written.Length, (long)written.Length) }));
        });
    }

    [Test]
    public async Task CaptureAsync_ExcludedDisks_AreNotSnapshotted()
    {
        var excluded = new HashSet<string> { _instance.Disks[0].Id, _instance.Disks[2].Id };

        await using var capture = await _account.Provider.CaptureAsync(_instance, Request("e1") with { ExcludedDiskIds = excluded });

        Assert.That((await _account.SnapshotsAsync()).Select(s => s.VolumeId), Is.EqualTo(new[] { _instance.Disks[1].Id }));
    }

    [Test]
    public void CaptureAsync_EverythingExcluded_IsRefused() => Assert.ThrowsAsync<UnsupportedInstanceException>(
        () => _account.Provider.CaptureAsync(_instance, Request("e1") with { ExcludedDiskIds = _instance.Disks.Select(d => d.Id).ToHashSet() }));

    [Test]
    public async Task CaptureAsync_WorkerPathWithoutAnAgent_IsRefusedBeforeAnythingIsCreated()
    {
        var error = Assert.ThrowsAsync<SourceException>(() => _account.Provider.CaptureAsync(_instance, Request("e1") with { ReadPath = ReadPath.Worker }));

        Assert.That(error!.Message, Does.Contain("worker_agent"));
        Assert.That(await _account.SnapshotsAsync(), Is.Empty);
    }

    [Test]
    public async Task ReleaseAsync_NothingRetained_LeavesNothing()
    {
        var capture = await _account.Provider.CaptureAsync(_instance, Request("e1"));

        var left = await capture.ReleaseAsync(CaptureOutcome.Failed);

        Assert.That(left, Is.Empty);
        Assert.That(await _account.SnapshotsAsync(), Is.Empty);
    }

    [Test]
    public async Task DisposeAsync_WithoutRelease_LeavesNothing()
    {
        var capture = await _account.Provider.CaptureAsync(_instance, Request("e1"));

        await capture.DisposeAsync();
        await capture.DisposeAsync();

        Assert.That(await _account.SnapshotsAsync(), Is.Empty);
    }

    [Test]
    public async Task ReleaseAsync_AfterRetain_KeepsTheNewBaselinesAndDeletesTheOldOnes()
    {
        var first = await CommitAsync("e1", new Dictionary<string, string>(), _instance.Disks.Count);
        _account.Clock.Advance(TimeSpan.FromMinutes(1));

        var second = await CommitAsync("e2", first, _instance.Disks.Count);

        var snapshots = await _account.SnapshotsAsync();
        Assert.Multiple(() =>
        {
            Assert.That(snapshots.Select(s => s.SnapshotId), Is.EquivalentTo(second.Values));
            Assert.That(snapshots.Select(s => Ec2Names.TagValue(s.Tags, "coriolis:role")), Has.All.EqualTo("baseline"));
            Assert.That(snapshots.Select(s => Ec2Names.TagValue(s.Tags, "coriolis:disk")), Is.EquivalentTo(_instance.Disks.Select(d => d.Id)));
            Assert.That(snapshots.Select(s => Ec2Names.TagValue(s.Tags, "coriolis:expires-at")), Has.All.EqualTo("never"));
        });
    }

    [Test]
    public async Task ReleaseAsync_OneDiskNotRetained_KeepsItsOldBaseline()
    {
        var first = await CommitAsync("e1", new Dictionary<string, string>(), _instance.Disks.Count);
        _account.Clock.Advance(TimeSpan.FromMinutes(1));

        var second = await CommitAsync("e2", first, retained: 1);

        var expected = first.Values.Skip(1).Append(second[_instance.Disks[0].Id]);
        Assert.That((await _account.SnapshotsAsync()).Select(s => s.SnapshotId), Is.EquivalentTo(expected));
    }

    [Test]
    public async Task ReleaseAsync_RemainsOfACrashedExecution_AreDeletedToo()
    {
        _ = await _account.Provider.CaptureAsync(_instance, Request("crashed"));
        _account.Clock.Advance(TimeSpan.FromMinutes(1));

        var baselines = await CommitAsync("e2", new Dictionary<string, string>(), _instance.Disks.Count);

        Assert.That((await _account.SnapshotsAsync()).Select(s => s.SnapshotId), Is.EquivalentTo(baselines.Values));
    }

    [Test]
    public async Task ReleaseAsync_SnapshotsOfOthers_AreNeverTouched()
    {
        var untagged = await _account.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = _instance.Disks[0].Id });
        _account.Clock.Advance(TimeSpan.FromMinutes(1));
        var other = await _account.Provider.CaptureAsync(_instance, Request("e1") with { ReplicaId = "r2" });
        _account.Clock.Advance(TimeSpan.FromMinutes(1));

        await (await _account.Provider.CaptureAsync(_instance, Request("e2"))).ReleaseAsync(CaptureOutcome.Failed);

        Assert.That(
            (await _account.SnapshotsAsync()).Select(s => s.SnapshotId),
            Is.EquivalentTo(other.Disks.Select(d => d.SourceReference).Append(untagged.Snapshot.SnapshotId)));
        await other.DisposeAsync();
    }

    [Test]
    public async Task RetainAsync_TaggingFails_KeepsTheSnapshotAllTheSame()
    {
        var capture = await _account.Provider.CaptureAsync(_instance, Request("e1"));
        _account.Fail("ec2:CreateTags", FaultKind.AccessDenied);

        Assert.ThrowsAsync<SourceAccessDeniedException>(() => capture.RetainAsync(_instance.Disks[0].Id));
        await capture.ReleaseAsync(CaptureOutcome.Failed);

        Assert.That((await _account.SnapshotsAsync()).Select(s => s.VolumeId), Is.EqualTo(new[] { _instance.Disks[0].Id }));
    }

    [Test]
    public async Task ReleaseAsync_DeleteNotPermitted_ReportsWhatIsLeft()
    {
        var capture = await _account.Provider.CaptureAsync(_instance, Request("e1"));
        _account.Fail("ec2:DeleteSnapshot", FaultKind.AccessDenied, count: null);

        var left = await capture.ReleaseAsync(CaptureOutcome.Failed);

        Assert.That(left.Select(l => l.Id), Is.EquivalentTo(capture.Disks.Select(d => d.SourceReference)));
        Assert.That(left.Select(l => l.Why), Has.All.Contains("ec2:DeleteSnapshot"));
    }

    [Test]
    public async Task ReleaseAsync_SnapshotInUseForAWhile_IsTriedAgain()
    {
        var capture = await _account.Provider.CaptureAsync(_instance, Request("e1"));
        _account.Fail("ec2:DeleteSnapshot", FaultKind.ServerError, count: 4, code: "InvalidSnapshot.InUse");

        var left = await capture.ReleaseAsync(CaptureOutcome.Failed);

        Assert.That(left, Is.Empty);
        Assert.That(await _account.SnapshotsAsync(), Is.Empty);
    }

    private static CaptureRequest Request(string executionId) => new() { ExecutionId = executionId, ReplicaId = "r1", OwnerId = "o1" };

    private async Task<Dictionary<string, string>> CommitAsync(string executionId, Dictionary<string, string> baselines, int retained)
    {
        var capture = await _account.Provider.CaptureAsync(_instance, Request(executionId) with { Baselines = baselines });
        foreach (var disk in capture.Disks.Take(retained))
        {
            await capture.RetainAsync(disk.Disk.Id);
        }

        Assert.That(await capture.ReleaseAsync(CaptureOutcome.Succeeded), Is.Empty);
        return capture.Disks.ToDictionary(d => d.Disk.Id, d => d.SourceReference);
    }
}
