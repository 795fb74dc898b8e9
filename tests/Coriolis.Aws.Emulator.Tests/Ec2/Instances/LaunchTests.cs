using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Instances;

internal sealed class LaunchTests
{
    [Test]
    public async Task RunInstances_WithTwoDisks_IsDescribedRunningWithBothAttached()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var instance = await emulator.LaunchAsync(dataDisks: 1);

        var described = await emulator.DescribeAsync(instance.InstanceId);
        Assert.Multiple(() =>
        {
            Assert.That(described.State.Name.Value, Is.EqualTo("running"));
            Assert.That(described.RootDeviceName, Is.EqualTo("/dev/sda1"));
            Assert.That(described.BlockDeviceMappings.Select(static mapping => mapping.DeviceName), Is.EqualTo(new[] { "/dev/sda1", "/dev/sdf" }));
            Assert.That(described.Tags.Single().Value, Is.EqualTo("web"));
            Assert.That(described.NetworkInterfaces.Single().MacAddress, Does.Match("^02(:[0-9a-f]{2}){5}$"));
            Assert.That(described.Placement.AvailabilityZone, Is.EqualTo("eu-west-1a"));
        });
    }

    [Test]
    public async Task CreateSnapshots_OfRunningInstance_CompletesOneForEachVolume()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var instance = await emulator.LaunchAsync(dataDisks: 1);

        var set = await emulator.Ec2.CreateSnapshotsAsync(new CreateSnapshotsRequest
        {
            InstanceSpecification = new InstanceSpecification { InstanceId = instance.InstanceId },
            Description = "set",
        });

        var described = await emulator.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { OwnerIds = ["self"] });
        Assert.Multiple(() =>
        {
            Assert.That(set.Snapshots, Has.Count.EqualTo(2));
            Assert.That(described.Snapshots.Select(static snapshot => snapshot.SnapshotId), Is.EquivalentTo(set.Snapshots.Select(static snapshot => snapshot.SnapshotId)));
            Assert.That(described.Snapshots.Select(static snapshot => snapshot.State.Value), Is.All.EqualTo("completed"));
            Assert.That(described.Snapshots.Select(static snapshot => snapshot.StartTime).Distinct().Count(), Is.EqualTo(1));
        });
    }
}
