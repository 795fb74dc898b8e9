using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Tests.Support;

namespace Coriolis.Providers.Aws.Tests.Sweeping;

public sealed class SweeperTests
{
    private TestAccount _account = null!;
    private string _instanceId = null!;
    private string _volumeId = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _account = await TestAccount.StartAsync();
        _instanceId = await _account.LaunchAsync("web", dataDisks: 0);
        _volumeId = (await _account.Provider.GetInstanceAsync(_instanceId)).Disks[0].Id;
    }

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [Test]
    public async Task SweepAsync_EachKindOfSnapshot_IsKeptOrRemovedForItsReason()
    {
        await CreateAsync();
        var oldBaseline = await CreateAsync(role: "baseline", execution: "e1");
        var newBaseline = await CreateAsync(role: "baseline", execution: "e2");
        var named = await CreateAsync(role: "baseline", replica: "r2", execution: "e3");
        await CreateAsync(role: "baseline", replica: "r2", execution: "e4");
        var running = await CreateAsync(role: "capture", execution: "e5", expiresIn: TimeSpan.FromHours(1));
        var ended = await CreateAsync(role: "capture", execution: "e6", expiresIn: TimeSpan.FromHours(1));
        var expired = await CreateAsync(role: "capture", execution: "e7", expiresIn: TimeSpan.FromHours(-1));

        var report = await _account.Provider.SweepAsync(
            new SweepRequest { KeepIds = new HashSet<string> { named }, EndedExecutionIds = new HashSet<string> { "e6" } });

        var why = report.Resources.ToDictionary(r => r.Id, r => (r.Action, r.Why));
        var left = (await _account.SnapshotsAsync()).Select(s => s.SnapshotId).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(why, Has.Count.EqualTo(7));
            Assert.That(why[oldBaseline], Is.EqualTo((SweepAction.Removed, "superseded baseline")));
            Assert.That(why[newBaseline], Is.EqualTo((SweepAction.Kept, "newest baseline of its disk")));
            Assert.That(why[named], Is.EqualTo((SweepAction.Kept, "a committed manifest names it")));
            Assert.That(why[running].Action, Is.EqualTo(SweepAction.Kept));
            Assert.That(why[ended], Is.EqualTo((SweepAction.Removed, "its execution has ended")));
            Assert.That(why[expired].Action, Is.EqualTo(SweepAction.Removed));
            Assert.That(left, Has.Count.EqualTo(5).And.Not.Contain(oldBaseline).And.Not.Contain(ended).And.Not.Contain(expired));
        });
    }

    [TestCase("coriolis:owner")]
    [TestCase("coriolis:replica")]
    [TestCase("coriolis:execution")]
    [TestCase("coriolis:role")]
    public async Task SweepAsync_TagsAreIncomplete_KeepsIt(string missing)
    {
        var expired = await CreateAsync(role: "capture", execution: "e1", expiresIn: TimeSpan.FromHours(-1));
        await _account.Ec2.DeleteTagsAsync(new DeleteTagsRequest { Resources = [expired], Tags = [new Tag { Key = missing }] });

        var report = await _account.Provider.SweepAsync(new SweepRequest { EndedExecutionIds = new HashSet<string> { "e1" } });

        Assert.That(report.Resources.Select(r => r.Action), Has.None.EqualTo(SweepAction.Removed));
        Assert.That(await _account.SnapshotsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SweepAsync_TheJournalDoesNotNameIt_KeepsItUntilItExpires()
    {
        var named = await CreateAsync(role: "capture", execution: "e1", expiresIn: TimeSpan.FromHours(1));
        var forged = await CreateAsync(role: "capture", execution: "e1", expiresIn: TimeSpan.FromHours(1));
        var uncertain = await CreateAsync(role: "capture", execution: "e2", expiresIn: TimeSpan.FromHours(1));
        var request = new SweepRequest
        {
            EndedExecutionIds = new HashSet<string> { "e1", "e2" },
            JournaledIds = new Dictionary<string, IReadOnlySet<string>> { ["e1"] = new HashSet<string> { named } },
        };

        var report = await _account.Provider.SweepAsync(request);

        var actions = report.Resources.ToDictionary(r => r.Id, r => r.Action);
        Assert.That(actions[named], Is.EqualTo(SweepAction.Removed));
        Assert.That(actions[forged], Is.EqualTo(SweepAction.Kept));
        Assert.That(actions[uncertain], Is.EqualTo(SweepAction.Removed));
        _account.Clock.Advance(TimeSpan.FromHours(2));
        await _account.Provider.SweepAsync(request);
        Assert.That(await _account.SnapshotsAsync(), Is.Empty);
    }

    [Test]
    public async Task SweepAsync_ItsExecutionIsRunning_KeepsItPastItsExpiry()
    {
        await CreateAsync(role: "capture", execution: "e1", expiresIn: TimeSpan.FromHours(-1));

        var report = await _account.Provider.SweepAsync(new SweepRequest { RunningExecutionIds = new HashSet<string> { "e1" } });

        Assert.That(report.Resources.Select(r => (r.Action, r.Why)), Is.EqualTo(new[] { (SweepAction.Kept, "its execution is running") }));
    }

    [Test]
    public async Task SweepAsync_OlderThan_KeepsWhatIsYounger()
    {
        var old = await CreateAsync(role: "capture", expiresIn: TimeSpan.FromHours(-1));
        _account.Clock.Advance(TimeSpan.FromHours(3));
        var young = await CreateAsync(role: "capture", expiresIn: TimeSpan.FromHours(-1));

        await _account.Provider.SweepAsync(new SweepRequest { OlderThan = TimeSpan.FromHours(2) });

        Assert.That((await _account.SnapshotsAsync()).Select(s => s.SnapshotId), Is.EqualTo(new[] { young }).And.Not.Contain(old));
    }

    [Test]
    public async Task SweepAsync_ASnapshot_CostsWhatItsSizeCosts()
    {
        await CreateAsync(role: "capture", expiresIn: TimeSpan.FromHours(1));

        var resource = (await _account.Provider.SweepAsync(new SweepRequest { DryRun = true })).Resources.Single();

        Assert.That(resource.HourlyCostUsd, Is.EqualTo(decimal.Round(resource.SizeGiB!.Value * 0.05m / 730, 6)));
    }

    [Test]
    public async Task SweepAsync_DryRun_RemovesNothing()
    {
        var expired = await CreateAsync(role: "capture", expiresIn: TimeSpan.FromHours(-1));

        var report = await _account.Provider.SweepAsync(new SweepRequest { DryRun = true });

        Assert.That(report.Resources.Select(r => (r.Id, r.Action)), Is.EqualTo(new[] { (expired, SweepAction.Removed) }));
        Assert.That(await _account.SnapshotsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SweepAsync_OneOwner_LeavesTheOthersAlone()
    {
        await CreateAsync(role: "capture", owner: "o1", expiresIn: TimeSpan.FromHours(-1));
        var other = await CreateAsync(role: "capture", owner: "o2", expiresIn: TimeSpan.FromHours(-1));

        await _account.Provider.SweepAsync(new SweepRequest { OwnerId = "o1" });

        Assert.That((await _account.SnapshotsAsync()).Select(s => s.SnapshotId), Is.EqualTo(new[] { other }));
    }

    [Test]
    public async Task SweepAsync_OneCannotBeDeleted_GoesOnWithTheOthers()
    {
        var first = await CreateAsync(role: "capture", expiresIn: TimeSpan.FromHours(-1));
        var second = await CreateAsync(role: "capture", expiresIn: TimeSpan.FromHours(-1));
        _account.Emulator.Faults.Add(new FaultRule { Operation = "ec2:DeleteSnapshot", Kind = FaultKind.AccessDenied, ResourceId = first });

        var report = await _account.Provider.SweepAsync(new SweepRequest());

        Assert.That(report.Resources.Select(r => (r.Id, r.Action)), Is.EqualTo(new[] { (first, SweepAction.Failed), (second, SweepAction.Removed) }));
        Assert.That(report.Resources[0].Why, Does.Contain("ec2:DeleteSnapshot"));
    }

    [Test]
    public async Task SweepAsync_InstanceStoppedByACrashedExecution_StartsIt()
    {
        var instance = await _account.Provider.GetInstanceAsync(_instanceId);
        var journal = new RecordingJournal();
        var request = new CaptureRequest { ExecutionId = "e1", ReplicaId = "r1", OwnerId = "o1", ShutDown = true, Journal = journal };
        var stoppedAt = _account.Clock.GetUtcNow();
        _ = await _account.Provider.CaptureAsync(instance, request);
        Assert.That(await _account.StateOfAsync(_instanceId), Is.EqualTo("stopped"));

        var report = await _account.Provider.SweepAsync(
            new SweepRequest { StoppedInstances = [new StoppedInstance(journal.Created.Single(id => id == _instanceId), "e1", stoppedAt)] });

        Assert.That(report.Resources[0], Has.Property("Id").EqualTo(_instanceId).And.Property("ExecutionId").EqualTo("e1"));
        Assert.That(await _account.StateOfAsync(_instanceId), Is.EqualTo("running").Or.EqualTo("pending"));
    }

    [Test]
    public async Task SweepAsync_StoppedInstanceCannotBeStarted_IsReportedWithItsExecution()
    {
        _account.Fail("ec2:StartInstances", FaultKind.AccessDenied);
        var stoppedAt = await StopInstanceAsync();

        var report = await _account.Provider.SweepAsync(new SweepRequest { StoppedInstances = [new StoppedInstance(_instanceId, "e1", stoppedAt)] });

        Assert.That(report.Resources[0], Has.Property("Action").EqualTo(SweepAction.Failed).And.Property("ExecutionId").EqualTo("e1"));
        Assert.That(report.Resources[0].Why, Does.Contain("ec2:StartInstances"));
    }

    [TestCase("it runs", "running")]
    [TestCase("it was stopped again", "stopped")]
    [TestCase("it does not exist any more", "terminated")]
    public async Task SweepAsync_SomebodyElseHasChangedAStoppedInstanceSince_LeavesIt(string why, string state)
    {
        var stoppedAt = await StopInstanceAsync();
        _account.Clock.Advance(TimeSpan.FromHours(1));
        await _account.Ec2.StartInstancesAsync(new StartInstancesRequest([_instanceId]));
        if (state == "stopped")
        {
            await StopInstanceAsync();
        }
        else if (state == "terminated")
        {
            await _account.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest([_instanceId]));
        }

        var report = await _account.Provider.SweepAsync(new SweepRequest { StoppedInstances = [new StoppedInstance(_instanceId, "e1", stoppedAt)] });

        Assert.That(report.Resources[0], Has.Property("Action").EqualTo(SweepAction.Kept).And.Property("Why").Contains(why));
        Assert.That(await _account.StateOfAsync(_instanceId), Is.EqualTo(state));
    }

    [Test]
    public async Task SweepAsync_DryRun_SaysThatAStoppedInstanceWouldBeStarted()
    {
        var stoppedAt = await StopInstanceAsync();

        var report = await _account.Provider.SweepAsync(
            new SweepRequest { DryRun = true, StoppedInstances = [new StoppedInstance(_instanceId, "e1", stoppedAt)] });

        Assert.That(report.Resources[0].Action, Is.EqualTo(SweepAction.Removed));
        Assert.That(await _account.StateOfAsync(_instanceId), Is.EqualTo("stopped"));
    }

    [Test]
    public async Task SweepAsync_WorkerCannotBeTerminated_DoesNotWaitForWhatItUses()
    {
        var expired = (_account.Clock.GetUtcNow() - TimeSpan.FromHours(1)).ToString("yyyy-MM-ddTHH:mm:ssZ", null);
        await _account.Ec2.CreateTagsAsync(new CreateTagsRequest
        {
            Resources = [_instanceId, _volumeId],
            Tags =
            [
                new("coriolis:role", "worker"), new("coriolis:owner", "o1"), new("coriolis:replica", "r1"), new("coriolis:execution", "e1"),
                new("coriolis:expires-at", expired),
            ],
        });
        _account.Fail("ec2:TerminateInstances", FaultKind.AccessDenied);
        var started = _account.Clock.GetUtcNow();

        var report = await _account.Provider.SweepAsync(new SweepRequest());

        Assert.That(report.Resources.Select(resource => resource.Id), Is.EqualTo(new[] { _instanceId, _volumeId }));
        Assert.That(report.Resources, Has.All.Property(nameof(SweptResource.Action)).EqualTo(SweepAction.Failed));
        Assert.That(report.Resources[1].Why, Does.Contain("VolumeInUse"));
        Assert.That(_account.Clock.GetUtcNow() - started, Is.LessThan(TimeSpan.FromMinutes(1)));
    }

    private async Task<DateTimeOffset> StopInstanceAsync()
    {
        await _account.Ec2.StopInstancesAsync(new StopInstancesRequest([_instanceId]));
        return _account.Clock.GetUtcNow();
    }

    private async Task<string> CreateAsync(
        string? role = null, string owner = "o1", string replica = "r1", string execution = "e1", TimeSpan? expiresIn = null)
    {
        _account.Clock.Advance(TimeSpan.FromSeconds(20));
        var request = new CreateSnapshotRequest { VolumeId = _volumeId };
        if (role is not null)
        {
            var expiresAt = (_account.Clock.GetUtcNow() + (expiresIn ?? TimeSpan.FromDays(7))).ToString("yyyy-MM-ddTHH:mm:ssZ", null);
            request.TagSpecifications =
            [
                new()
                {
                    ResourceType = "snapshot",
                    Tags = [new("coriolis:role", role), new("coriolis:owner", owner), new("coriolis:replica", replica), new("coriolis:execution", execution), new("coriolis:expires-at", expiresAt)],
                },
            ];
        }

        return (await _account.Ec2.CreateSnapshotAsync(request)).Snapshot.SnapshotId;
    }
}
