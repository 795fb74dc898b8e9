using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>Replicas that are read through real machines of the emulator.</summary>
public sealed class ReplicateThroughWorkerTests
{
    private EmulatedAccount _account = null!;

    [SetUp]
    public async Task SetUp()
    {
        if (await AwsEmulator.FindWorkerObstacleAsync() is { } obstacle)
        {
            Assert.Ignore(obstacle);
        }

        _account = await EmulatedAccount.StartAsync(realWorkers: true);
    }

    [TearDown]
    public async Task TearDown()
    {
        if (_account is not null)
        {
            await _account.DisposeAsync();
        }
    }

    [TestCase("t2.medium")]
    [TestCase("t3.medium")]
    public async Task Replicate_ThroughAWorker_CopiesEveryDiskAndLeavesTheBaselinesOnly(string type)
    {
        var instance = await _account.LaunchAsync("web", dataDisks: 2);
        _account.Write(instance.DataIds[0], 300 << 20, EmulatedAccount.Pattern(2, 3 * EmulatedAccount.Chunk));

        var run = await ReplicateAsync("worker", type);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await _account.AssertReplicaEqualsSourceAsync(instance);
        await AssertNothingButBaselinesAsync(instance);
        Assert.That(ReadPaths(run), Is.All.EqualTo("worker"));
    }

    [TestCase("direct", "worker")]
    [TestCase("worker", "direct")]
    [TestCase("worker", "worker")]
    public async Task Replicate_OnOnePathThenTheOther_SendsWhatChangedOnly(string first, string second)
    {
        var instance = await _account.LaunchAsync("web");
        var full = await ReplicateAsync(first);
        Assert.That(full.ExitCode, Is.EqualTo(ExitCode.Done), full.Error);
        _account.Write(instance.RootId, 100 << 20, EmulatedAccount.Pattern(3, 2 * EmulatedAccount.Chunk));
        _account.Write(instance.RootId, 0, new byte[EmulatedAccount.Chunk]);

        var run = await ReplicateAsync(second);

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await _account.AssertReplicaEqualsSourceAsync(instance);
        await AssertNothingButBaselinesAsync(instance);
        var disk = run.Json.GetProperty("disks")[0];
        Assert.Multiple(() =>
        {
            Assert.That(ReadPaths(run), Is.All.EqualTo(second));
            Assert.That(run.Json.GetProperty("mode").GetString(), Is.EqualTo("incremental"));
            Assert.That(disk.GetProperty("transferredBytes").GetInt64(), Is.EqualTo(2 * EmulatedAccount.Chunk));
        });
    }

    [Test]
    public async Task Replicate_WithoutAccessToTheBlockApi_TakesAWorkerByItself()
    {
        var instance = await _account.LaunchAsync("web");
        _account.Faults.Add(new FaultRule { Operation = "ebs:*", Kind = FaultKind.AccessDenied });

        var run = await ReplicateAsync("auto");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await _account.AssertReplicaEqualsSourceAsync(instance);
        Assert.That(ReadPaths(run), Is.All.EqualTo("worker"));
    }

    [Test]
    public async Task Replicate_WhenOneTypeHasNoCapacity_TakesTheNext()
    {
        var instance = await _account.LaunchAsync("web");
        _account.Faults.Add(new FaultRule { Operation = "ec2:RunInstances", Kind = FaultKind.InsufficientCapacity, Count = 2 });

        var run = await ReplicateAsync("worker");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        await AssertNothingButBaselinesAsync(instance);
    }

    private static IEnumerable<string?> ReadPaths(CliRun run) =>
        run.Json.GetProperty("disks").EnumerateArray().Select(disk => disk.GetProperty("readPath").GetString());

    private Task<CliRun> ReplicateAsync(string path, string type = "t3.medium") => _account.ReplicateAsync(
        "web",
        "--read-path",
        path,
        "--source-environment",
        $$"""{"worker_instance_type": "{{type}}", "worker_allowed_cidr": "198.18.0.0/15", "worker_boot_timeout": "20"}""");

    private async Task AssertNothingButBaselinesAsync(TestInstance instance)
    {
        var snapshots = await _account.ListSnapshotsAsync();
        var volumes = await _account.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest());
        var instances = await _account.Ec2.DescribeInstancesAsync(new DescribeInstancesRequest
        {
            Filters = [new Filter("instance-state-name", ["pending", "running", "stopping", "stopped", "shutting-down"])],
        });
        var groups = await _account.Ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest());
        var keys = await _account.Ec2.DescribeKeyPairsAsync(new DescribeKeyPairsRequest());
        Assert.Multiple(() =>
        {
            Assert.That(snapshots.Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(instance.VolumeIds));
            Assert.That(volumes.Volumes.Select(volume => volume.VolumeId), Is.EquivalentTo(instance.VolumeIds));
            Assert.That(instances.Reservations.SelectMany(item => item.Instances).Select(item => item.InstanceId), Is.EqualTo(new[] { instance.Id }));
            Assert.That(groups.SecurityGroups.Select(group => group.GroupName), Is.EqualTo(new[] { "default" }));
            Assert.That(keys.KeyPairs ?? [], Is.Empty);
        });
    }
}
