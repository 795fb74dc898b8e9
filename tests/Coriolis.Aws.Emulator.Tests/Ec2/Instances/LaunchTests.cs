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

    [Test]
    public async Task RunInstances_SameAddressTwice_IsRefusedAndLeavesNoInterface()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.LaunchAsync(configure: static request => request.NetworkInterfaces =
        [
            new InstanceNetworkInterfaceSpecification { DeviceIndex = 0, PrivateIpAddress = "172.31.0.40" },
            new InstanceNetworkInterfaceSpecification { DeviceIndex = 1, PrivateIpAddress = "172.31.0.40" },
        ]));

        Assert.That(code, Is.EqualTo("InvalidIPAddress.InUse"));
        Assert.That(await DescribeAddressesAsync(emulator), Is.Empty);
    }

    [Test]
    public async Task RunInstances_SubnetRunsOutOfAddresses_LeavesNothing()
    {
        await using var emulator = await TestEmulator.StartAsync();

        // A /20 has 4,091 addresses: enough for the first instance only.
        var code = await TestEmulator.ErrorCodeAsync(() => emulator.LaunchAsync(configure: static request =>
        {
            request.MaxCount = 2;
            request.NetworkInterfaces = [.. Enumerable.Range(0, 2050).Select(static index => new InstanceNetworkInterfaceSpecification { DeviceIndex = index })];
        }));

        Assert.That(code, Is.EqualTo("InsufficientFreeAddressesInSubnet"));
        Assert.That(await DescribeAddressesAsync(emulator), Is.Empty);
        Assert.That(await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region), Is.Empty);
    }

    [Test]
    public async Task RunInstances_OneAddressNamed_IsNotGivenToAnotherInterface()
    {
        await using var emulator = await TestEmulator.StartAsync();

        await emulator.LaunchAsync(configure: static request => request.NetworkInterfaces =
        [
            new InstanceNetworkInterfaceSpecification { DeviceIndex = 0 },
            new InstanceNetworkInterfaceSpecification { DeviceIndex = 1, PrivateIpAddress = "172.31.0.4" },
        ]);

        Assert.That(await DescribeAddressesAsync(emulator), Is.EquivalentTo(new[] { "172.31.0.5", "172.31.0.4" }));
    }

    [Test]
    public async Task RunInstances_InterfaceThatShallOutliveTheInstance_IsRefused()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.LaunchAsync(configure: static request => request.NetworkInterfaces =
            [new InstanceNetworkInterfaceSpecification { DeviceIndex = 0, DeleteOnTermination = false }]));

        Assert.That(code, Is.EqualTo("UnsupportedOperation"));
        Assert.That(await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region), Is.Empty);
    }

    [TestCase("euw1-az9", "InvalidZone.NotFound")]
    [TestCase("euw1-az2", null)]
    public async Task RunInstances_InZoneById_IsThereOrAnError(string zoneId, string? code)
    {
        await using var emulator = await TestEmulator.StartAsync();
        Task<Instance> LaunchAsync() => emulator.LaunchAsync(configure: request => request.Placement = new Placement { AvailabilityZoneId = zoneId });

        if (code is not null) Assert.That(await TestEmulator.ErrorCodeAsync(LaunchAsync), Is.EqualTo(code));
        else Assert.That((await LaunchAsync()).Placement.AvailabilityZone, Is.EqualTo("eu-west-1b"));

        var instances = await emulator.Ec2.DescribeInstancesAsync(new DescribeInstancesRequest());
        Assert.That(instances.Reservations ?? [], Has.Count.EqualTo(code is null ? 1 : 0));
    }

    private static async Task<IEnumerable<string>> DescribeAddressesAsync(TestEmulator emulator)
    {
        var response = await emulator.Ec2.DescribeNetworkInterfacesAsync(new DescribeNetworkInterfacesRequest());
        return (response.NetworkInterfaces ?? []).Select(static nic => nic.PrivateIpAddress);
    }
}
