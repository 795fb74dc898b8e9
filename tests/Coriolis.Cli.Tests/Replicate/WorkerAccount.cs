using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>An emulated account whose workers are real machines, and what must be true of it after every run. Skips where there can be none.</summary>
internal sealed class WorkerAccount : IAsyncDisposable
{
    private WorkerAccount(EmulatedAccount account) => Account = account;

    public EmulatedAccount Account { get; }

    public static async Task<WorkerAccount> StartAsync(EmulatorDelays? delays = null, bool defaultVpc = true)
    {
        if (await AwsEmulator.FindWorkerObstacleAsync() is { } obstacle)
        {
            Assert.Ignore(obstacle);
        }

        return new WorkerAccount(await EmulatedAccount.StartAsync(delays, realWorkers: true, defaultVpc));
    }

    /// <summary>Replicates the instance <c>web</c>.</summary>
    /// <param name="path">The read path.</param>
    /// <param name="settings">More members of the source environment; the later of two with the same name counts.</param>
    public Task<CliRun> ReplicateAsync(string path = "worker", params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["worker_instance_type"] = "t3.medium",
            ["worker_allowed_cidr"] = "198.18.0.0/15",
            ["worker_boot_timeout"] = "30",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return Account.ReplicateAsync("web", "--read-path", path, "--source-environment", System.Text.Json.JsonSerializer.Serialize(environment));
    }

    /// <summary>How many workers were launched so far.</summary>
    public async Task<int> CountWorkersAsync()
    {
        var described = await Account.Ec2.DescribeInstancesAsync(new DescribeInstancesRequest
        {
            Filters = [new Filter("tag:Name", ["coriolis-worker-*"])],
        });
        return (described.Reservations ?? []).Sum(static reservation => reservation.Instances.Count);
    }

    /// <summary>Asserts that the account has the instance, the given snapshots of it, and nothing else.</summary>
    public Task AssertNothingLeftAsync(TestInstance instance, bool baselines) =>
        AssertNothingLeftAsync(instance, baselines ? [.. instance.VolumeIds] : []);

    /// <summary>Asserts that the account has the instance, snapshots of the given volumes of it, and nothing else.</summary>
    public async Task AssertNothingLeftAsync(TestInstance instance, IReadOnlyList<string> baselines)
    {
        var snapshots = await Account.ListSnapshotsAsync();
        var volumes = await Account.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest());
        var instances = await Account.Ec2.DescribeInstancesAsync(new DescribeInstancesRequest
        {
            Filters = [new Filter("instance-state-name", ["pending", "running", "stopping", "stopped", "shutting-down"])],
        });
        var groups = await Account.Ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest());
        var keys = await Account.Ec2.DescribeKeyPairsAsync(new DescribeKeyPairsRequest());
        Assert.Multiple(() =>
        {
            Assert.That(snapshots.Select(snapshot => snapshot.VolumeId), Is.EquivalentTo(baselines));
            Assert.That(volumes.Volumes.Select(volume => volume.VolumeId), Is.EquivalentTo(instance.VolumeIds));
            Assert.That(instances.Reservations.SelectMany(item => item.Instances).Select(item => item.InstanceId), Is.EqualTo(new[] { instance.Id }));
            Assert.That(groups.SecurityGroups.Select(group => group.GroupName), Is.EqualTo(new[] { "default" }));
            Assert.That(keys.KeyPairs ?? [], Is.Empty);
        });
    }

    public ValueTask DisposeAsync() => Account.DisposeAsync();
}
