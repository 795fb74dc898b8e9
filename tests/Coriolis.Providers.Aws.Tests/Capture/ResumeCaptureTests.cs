using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Tests.Support;

namespace Coriolis.Providers.Aws.Tests.Capture;

public sealed class ResumeCaptureTests
{
    private TestAccount _account = null!;
    private SourceInstance _instance = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _account = await TestAccount.StartAsync(emulator: static emulator => emulator.Delays = EmulatorDelays.Realistic);
        var id = await _account.LaunchAsync("web", dataDisks: 1);
        _account.Clock.Advance(TimeSpan.FromMinutes(1));
        _instance = await _account.Provider.GetInstanceAsync(id);
    }

    [TearDown]
    public async Task StopAsync() => await _account.DisposeAsync();

    [Test]
    public async Task ResumeCaptureAsync_SetOfADeadProcess_IsOpenedAgain()
    {
        var dead = await _account.Provider.CaptureAsync(_instance, Request("e1"));
        var references = dead.Disks.Select(disk => disk.SourceReference).ToList();

        await using var capture = await _account.Provider.ResumeCaptureAsync(_instance, Request("e1"));

        Assert.That(capture!.Disks.Select(disk => disk.SourceReference), Is.EqualTo(references));
        Assert.That(capture.PointInTime, Is.EqualTo(dead.PointInTime));
        Assert.That(await _account.SnapshotsAsync(), Has.Count.EqualTo(2));
        await capture.RetainAsync(_instance.Disks[0].Id);
        Assert.That(await capture.ReleaseAsync(CaptureOutcome.Failed), Is.Empty);
        Assert.That((await _account.SnapshotsAsync()).Select(s => s.SnapshotId), Is.EqualTo(new[] { references[0] }));
    }

    [Test]
    public async Task ResumeCaptureAsync_GroupOfADeadWorkerStaysInUse_GoesOnAndReleasesTheRest()
    {
        _ = await _account.Provider.CaptureAsync(_instance, Request("e1"));
        var group = await CreateWorkerGroupAsync("e1");
        var user = await _account.LaunchAsync("in the group", adjust: request => request.SecurityGroupIds = [group]);

        var capture = await _account.Provider.ResumeCaptureAsync(_instance, Request("e1"));
        var leftovers = await capture!.ReleaseAsync(CaptureOutcome.Succeeded);

        Assert.That(leftovers.Select(left => left.Id), Is.EqualTo(new[] { group }));
        Assert.That(leftovers[0].Why, Does.Contain("DependencyViolation"));
        Assert.That(await _account.SnapshotsAsync(), Is.Empty);
        Assert.That(await _account.StateOfAsync(user), Is.EqualTo("running"));
        Assert.That((await _account.Ec2.DescribeKeyPairsAsync(new DescribeKeyPairsRequest())).KeyPairs ?? [], Is.Empty);
    }

    [Test]
    public async Task ResumeCaptureAsync_SnapshotsArePending_WaitsForThem()
    {
        await _account.Ec2.CreateSnapshotsAsync(new CreateSnapshotsRequest
        {
            InstanceSpecification = new InstanceSpecification { InstanceId = _instance.Id },
            TagSpecifications = [new() { ResourceType = "snapshot", Tags = Tags("e1") }],
        });
        Assert.That((await _account.SnapshotsAsync()).Select(s => s.State.Value), Has.All.EqualTo("pending"));

        await using var capture = await _account.Provider.ResumeCaptureAsync(_instance, Request("e1"));

        Assert.That(capture, Is.Not.Null);
        Assert.That((await _account.SnapshotsAsync()).Select(s => s.State.Value), Has.All.EqualTo("completed"));
    }

    [Test]
    public async Task ResumeCaptureAsync_OneSnapshotIsGone_IsNoCapture()
    {
        var dead = await _account.Provider.CaptureAsync(_instance, Request("e1"));
        await _account.Ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest(dead.Disks[0].SourceReference));

        Assert.That(await _account.Provider.ResumeCaptureAsync(_instance, Request("e1")), Is.Null);
        Assert.That(await _account.SnapshotsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task ResumeCaptureAsync_OfAnotherExecutionOrReplica_IsNoCapture()
    {
        _ = await _account.Provider.CaptureAsync(_instance, Request("e1"));

        Assert.That(await _account.Provider.ResumeCaptureAsync(_instance, Request("e2")), Is.Null);
        Assert.That(await _account.Provider.ResumeCaptureAsync(_instance, Request("e1") with { ReplicaId = "r2" }), Is.Null);
        Assert.That(await _account.Provider.ResumeCaptureAsync(_instance, Request("e1") with { OwnerId = "o2" }), Is.Null);
    }

    [Test]
    public async Task ResumeCaptureAsync_FailsToOpen_LeavesNothing()
    {
        _ = await _account.Provider.CaptureAsync(_instance, Request("e1"));

        // The set is found, and may then not be looked at.
        _account.Emulator.Faults.Add(new FaultRule { Operation = "ec2:DescribeSnapshots", Kind = FaultKind.AccessDenied, Skip = 1, Count = 1 });

        Assert.That(
            async () => await _account.Provider.ResumeCaptureAsync(_instance, Request("e1")),
            Throws.TypeOf<SourceAccessDeniedException>());
        Assert.That(await _account.SnapshotsAsync(), Is.Empty);
    }

    private async Task<string> CreateWorkerGroupAsync(string executionId)
    {
        List<Tag> tags = [.. Tags(executionId).Where(static tag => tag.Key != "coriolis:role"), new("coriolis:role", "worker")];
        await _account.Ec2.ImportKeyPairAsync(new ImportKeyPairRequest
        {
            KeyName = "worker",
            PublicKeyMaterial = Convert.ToBase64String("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"u8.ToArray()),
            TagSpecifications = [new() { ResourceType = "key-pair", Tags = tags }],
        });
        var created = await _account.Ec2.CreateSecurityGroupAsync(new CreateSecurityGroupRequest
        {
            GroupName = "worker",
            Description = "of a worker",
            TagSpecifications = [new() { ResourceType = "security-group", Tags = tags }],
        });
        return created.GroupId;
    }

    private static CaptureRequest Request(string executionId) => new() { ExecutionId = executionId, ReplicaId = "r1", OwnerId = "o1" };

    private static List<Tag> Tags(string executionId) =>
        [new("coriolis:owner", "o1"), new("coriolis:replica", "r1"), new("coriolis:execution", executionId), new("coriolis:role", "capture")];
}
