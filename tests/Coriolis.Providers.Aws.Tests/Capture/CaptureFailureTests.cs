using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Tests.Support;

namespace Coriolis.Providers.Aws.Tests.Capture;

/// <summary>A capture that fails or is cancelled leaves the account as it was.</summary>
public sealed class CaptureFailureTests
{
    private TestAccount _account = null!;
    private SourceInstance _instance = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _account = await TestAccount.StartAsync(
            builder => builder.Configure(options => options.SnapshotStallTimeout = TimeSpan.FromMinutes(10)),
            emulator => emulator.Delays = EmulatorDelays.Realistic);
        var id = await _account.LaunchAsync("web");
        _account.Clock.Advance(TimeSpan.FromMinutes(1));
        _instance = await _account.Provider.GetInstanceAsync(id);
        _account.Emulator.Calls.Clear();
    }

    [TearDown]
    public async Task StopAsync()
    {
        Assert.That(await _account.SnapshotsAsync(), Is.Empty);
        Assert.That(await _account.StateOfAsync(_instance.Id), Is.AnyOf("running", "pending"));
        await _account.DisposeAsync();
    }

    [TestCase(FaultKind.TornBody)]
    [TestCase(FaultKind.DropConnection)]
    [TestCase(FaultKind.ServerError)]
    public async Task CaptureAsync_CreateIsNotAnswered_EndsWithOneSet(FaultKind fault)
    {
        _account.Fail("ec2:CreateSnapshots", fault);

        await using var capture = await CaptureAsync();

        var snapshots = await _account.SnapshotsAsync();
        Assert.That(snapshots.Select(s => s.SnapshotId), Is.EquivalentTo(capture.Disks.Select(d => d.SourceReference)));
    }

    [Test]
    public async Task CaptureAsync_OnlyTheLastAttemptIsCarriedOutAndNotAnswered_TakesItsSet()
    {
        _account.Fail("ec2:CreateSnapshots", FaultKind.ServerError, count: 2);
        _account.Fail("ec2:CreateSnapshots", FaultKind.DropConnection, skip: 2);

        await using var capture = await CaptureAsync();

        Assert.That(_account.CallsOf("ec2:CreateSnapshots"), Is.EqualTo(3));
        Assert.That((await _account.SnapshotsAsync()).Select(s => s.SnapshotId), Is.EquivalentTo(capture.Disks.Select(d => d.SourceReference)));
    }

    [Test]
    public void CaptureAsync_NeverAnswered_FailsAfterThreeAttempts()
    {
        _account.Fail("ec2:CreateSnapshots", FaultKind.ServerError, count: null);

        Assert.ThrowsAsync<SourceException>(() => CaptureAsync());

        Assert.That(_account.CallsOf("ec2:CreateSnapshots"), Is.EqualTo(3));
    }

    [Test]
    public void CaptureAsync_DeleteDoesNotFindTheSnapshotYet_DeletesItLater()
    {
        _account.Fail("ec2:CreateSnapshots", FaultKind.FailedSnapshot);
        _account.Fail("ec2:DeleteSnapshot", FaultKind.NotFound, count: 2);

        Assert.ThrowsAsync<SourceException>(() => CaptureAsync());
    }

    [TestCase("SnapshotCreationPerVolumeRateExceeded")]
    [TestCase("PendingSnapshotLimitExceeded")]
    [TestCase("ConcurrentSnapshotLimitExceeded")]
    public async Task CaptureAsync_LimitReached_WaitsFifteenSecondsAndTriesAgain(string code)
    {
        _account.Fail("ec2:CreateSnapshots", FaultKind.ServerError, code: code, count: 2);
        var started = _account.Clock.GetUtcNow();

        await using var capture = await CaptureAsync();

        Assert.That(_account.CallsOf("ec2:CreateSnapshots"), Is.EqualTo(3));
        Assert.That(capture.PointInTime - started, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(30)));
    }

    [Test]
    public async Task CaptureAsync_TwoWithinFifteenSeconds_BothSucceed()
    {
        await using var first = await CaptureAsync("e1", "r1");

        await using var second = await CaptureAsync("e2", "r2");

        Assert.That(second.PointInTime - first.PointInTime, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(15)));
    }

    [Test]
    public async Task CaptureAsync_SnapshotNotVisibleYet_Waits()
    {
        _account.Emulator.Faults.Add(new FaultRule { Operation = "ec2:CreateSnapshots", Kind = FaultKind.LateConsistency, Duration = TimeSpan.FromSeconds(60), Count = 1 });

        await using var capture = await CaptureAsync();

        Assert.That(capture.Disks, Has.Count.EqualTo(2));
    }

    [Test]
    public void CaptureAsync_SnapshotEndsInError_Fails()
    {
        _account.Fail("ec2:CreateSnapshots", FaultKind.FailedSnapshot);

        var error = Assert.ThrowsAsync<SourceException>(() => CaptureAsync());

        Assert.That(error!.Message, Does.Match("Snapshot snap-[0-9a-f]+ of vol-[0-9a-f]+ failed"));
        Assert.That(error.LeftBehind, Is.Empty);
    }

    [Test]
    public void CaptureAsync_SnapshotStuck_FailsAfterTheStallTimeout()
    {
        _account.Fail("ec2:CreateSnapshots", FaultKind.StuckSnapshot);
        var started = _account.Clock.GetUtcNow();

        var error = Assert.ThrowsAsync<SourceException>(() => CaptureAsync());

        Assert.That(error!.Message, Does.Contain("made no progress"));
        Assert.That(_account.Clock.GetUtcNow() - started, Is.GreaterThanOrEqualTo(TimeSpan.FromMinutes(10)));
    }

    [Test]
    public void CaptureAsync_NotPermitted_NamesThePermission()
    {
        _account.Fail("ec2:CreateSnapshots", FaultKind.AccessDenied);

        var error = Assert.ThrowsAsync<SourceAccessDeniedException>(() => CaptureAsync());

        Assert.That(error!.Remedy, Does.Contain("ec2:CreateSnapshots"));
    }

    [Test]
    public async Task CaptureAsync_VolumesHaveChanged_FailsAndDeletesTheSet()
    {
        var gone = _instance with { Disks = [.. _instance.Disks, _instance.Disks[1] with { Id = "vol-0123456789abcdef0" }] };

        var error = Assert.ThrowsAsync<SourceException>(() => _account.Provider.CaptureAsync(gone, Request("e1", "r1")));

        Assert.That(error!.Message, Does.Contain("vol-0123456789abcdef0"));
        Assert.That(await _account.SnapshotsAsync(), Is.Empty);
    }

    [Test]
    public void CaptureAsync_IntentCannotBeRecorded_AsksForNothing()
    {
        var journal = new RecordingJournal { IsFull = true };

        Assert.ThrowsAsync<ReplicaStateException>(
            () => _account.Provider.CaptureAsync(_instance, Request("e1", "r1") with { Journal = journal }));

        Assert.That(_account.CallsOf("ec2:CreateSnapshots"), Is.Zero);
    }

    [TestCase("creating snapshots")]
    [TestCase("waiting for snapshots")]
    [TestCase("shutting down")]
    public void CaptureAsync_CancelledInAnyStage_LeavesNothing(string stage)
    {
        using var cancellation = new CancellationTokenSource();
        var progress = new RecordingProgress(report =>
        {
            if (report.Stage == stage)
            {
                cancellation.Cancel();
            }
        });

        Assert.CatchAsync<OperationCanceledException>(
            () => _account.Provider.CaptureAsync(_instance, Request("e1", "r1") with { ShutDown = true, Progress = progress }, cancellation.Token));
    }

    [Test]
    public async Task CaptureAsync_FailureAndDeleteNotPermitted_ReportsWhatIsLeft()
    {
        _account.Fail("ec2:CreateSnapshots", FaultKind.FailedSnapshot);
        _account.Fail("ec2:DeleteSnapshot", FaultKind.AccessDenied, count: 2);

        var error = Assert.ThrowsAsync<SourceException>(() => CaptureAsync());

        var left = await _account.SnapshotsAsync();
        Assert.That(error!.LeftBehind.Select(l => l.Id), Is.EquivalentTo(left.Select(s => s.SnapshotId)));
        foreach (var snapshot in left)
        {
            await _account.Ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest { SnapshotId = snapshot.SnapshotId });
        }
    }

    [Test]
    public async Task CaptureAsync_WithShutDown_StopsFirstAndStaysStoppedOnlyAfterSuccess()
    {
        var capture = await _account.Provider.CaptureAsync(_instance, Request("e1", "r1") with { ShutDown = true });
        var whileOpen = await _account.StateOfAsync(_instance.Id);

        await capture.ReleaseAsync(CaptureOutcome.Failed);

        Assert.That(whileOpen, Is.EqualTo("stopped"));
        Assert.That(await _account.StateOfAsync(_instance.Id), Is.AnyOf("pending", "running"));
    }

    [Test]
    public async Task ReleaseAsync_SucceededWithShutDown_LeavesTheInstanceStopped()
    {
        var capture = await _account.Provider.CaptureAsync(_instance, Request("e1", "r1") with { ShutDown = true });

        await capture.ReleaseAsync(CaptureOutcome.Succeeded);

        Assert.That(await _account.StateOfAsync(_instance.Id), Is.EqualTo("stopped"));
        await _account.Ec2.StartInstancesAsync(new StartInstancesRequest { InstanceIds = [_instance.Id] });
    }

    [Test]
    public async Task CaptureAsync_AlreadyStopped_IsNotStartedAfterwards()
    {
        await _account.Ec2.StopInstancesAsync(new StopInstancesRequest { InstanceIds = [_instance.Id] });

        await using (await _account.Provider.CaptureAsync(_instance, Request("e1", "r1") with { ShutDown = true }))
        {
        }

        Assert.That(await _account.StateOfAsync(_instance.Id), Is.EqualTo("stopped"));
        await _account.Ec2.StartInstancesAsync(new StartInstancesRequest { InstanceIds = [_instance.Id] });
    }

    [Test]
    public async Task CaptureAsync_SnapshotFailsAfterShutDown_StartsTheInstanceAgain()
    {
        _account.Fail("ec2:CreateSnapshots", FaultKind.AccessDenied);

        Assert.ThrowsAsync<SourceAccessDeniedException>(
            () => _account.Provider.CaptureAsync(_instance, Request("e1", "r1") with { ShutDown = true }));

        Assert.That(_account.CallsOf("ec2:StopInstances"), Is.EqualTo(1));
        Assert.That(await _account.StateOfAsync(_instance.Id), Is.AnyOf("pending", "running"));
    }

    private static CaptureRequest Request(string executionId, string replicaId) => new() { ExecutionId = executionId, ReplicaId = replicaId, OwnerId = "o1" };

    private Task<ISourceCapture> CaptureAsync(string executionId = "e1", string replicaId = "r1") =>
        _account.Provider.CaptureAsync(_instance, Request(executionId, replicaId));
}
