using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Networking;

internal sealed class NetworkListingTests
{
    [Test]
    public async Task NewRegion_HasADefaultNetworkInThreeZones()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var vpc = (await emulator.Ec2.DescribeVpcsAsync(new DescribeVpcsRequest { Filters = [new Filter("is-default", ["true"])] })).Vpcs.Single();
        var subnets = (await emulator.Ec2.DescribeSubnetsAsync(new DescribeSubnetsRequest { Filters = [new Filter("vpc-id", [vpc.VpcId])] })).Subnets;
        var groups = (await emulator.Ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest { GroupNames = ["default"] })).SecurityGroups;
        var regions = (await emulator.Ec2.DescribeRegionsAsync(new DescribeRegionsRequest())).Regions;

        Assert.Multiple(() =>
        {
            Assert.That(subnets.Select(static subnet => subnet.AvailabilityZone), Is.EqualTo(new[] { "eu-west-1a", "eu-west-1b", "eu-west-1c" }));
            Assert.That(subnets.Select(static subnet => subnet.AvailableIpAddressCount), Is.All.EqualTo(4091));
            Assert.That(groups.Single().VpcId, Is.EqualTo(vpc.VpcId));
            Assert.That(regions.Select(static region => region.RegionName), Is.EqualTo(new[] { "eu-west-1", "us-east-1" }));
        });
    }

    [Test]
    public async Task RunInstances_WithoutDefaultVpc_NeedsASubnet()
    {
        await using var emulator = await TestEmulator.StartAsync(static options => options.DefaultVpc = false);
        var defaults = await emulator.Ec2.DescribeSubnetsAsync(new DescribeSubnetsRequest { Filters = [new Filter("default-for-az", ["true"])] });
        var subnets = await emulator.Ec2.DescribeSubnetsAsync(new DescribeSubnetsRequest());

        var launch = await emulator.Ec2.AssertFailsAsync(_ => emulator.LaunchAsync());
        var group = await emulator.Ec2.AssertFailsAsync(static ec2 => ec2.CreateSecurityGroupAsync(new CreateSecurityGroupRequest("g", "of nowhere")));
        var launched = await emulator.LaunchAsync(configure: request => request.SubnetId = subnets.Subnets[0].SubnetId);

        Assert.That(new[] { launch.ErrorCode, group.ErrorCode }, Is.All.EqualTo("VPCIdNotSpecified"));
        Assert.That(defaults.Subnets ?? [], Is.Empty);
        Assert.That(launched.VpcId, Is.EqualTo(subnets.Subnets[0].VpcId));
    }

    [Test]
    public async Task DescribeNetworkInterfaces_OfInstanceWithTwo_ListsBothWithTheirAddresses()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var instance = await emulator.LaunchAsync(configure: static request => request.NetworkInterfaces =
        [
            new InstanceNetworkInterfaceSpecification { DeviceIndex = 0, AssociatePublicIpAddress = true },
            new InstanceNetworkInterfaceSpecification { DeviceIndex = 1, PrivateIpAddress = "172.31.5.5" },
        ]);

        var response = await emulator.Ec2.DescribeNetworkInterfacesAsync(
            new DescribeNetworkInterfacesRequest { Filters = [new Filter("attachment.instance-id", [instance.InstanceId])] });

        Assert.Multiple(() =>
        {
            Assert.That(response.NetworkInterfaces.Select(static nic => nic.PrivateIpAddress), Is.EqualTo(new[] { "172.31.0.4", "172.31.5.5" }));
            Assert.That(response.NetworkInterfaces[0].Association.PublicIp, Is.Not.Empty);
            Assert.That(response.NetworkInterfaces[1].Association, Is.Null);
            Assert.That(response.NetworkInterfaces.Select(static nic => nic.MacAddress).Distinct().Count(), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task DescribeAddresses_NoElasticAddressExists_IsEmptyOrNotFound()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var all = await emulator.Ec2.DescribeAddressesAsync();
        var byId = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.DescribeAddressesAsync(new DescribeAddressesRequest { AllocationIds = ["eipalloc-0123456789abcdef0"] }));
        var byIp = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.DescribeAddressesAsync(new DescribeAddressesRequest { PublicIps = ["192.0.2.7"] }));

        Assert.That(all.Addresses ?? [], Is.Empty);
        Assert.That((byId, byIp), Is.EqualTo(("InvalidAllocationID.NotFound", "InvalidAddress.NotFound")));
    }

    [Test]
    public async Task RunInstances_WithAddressInUse_IsRefusedAndLeavesNothing()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var first = await emulator.LaunchAsync();
        var before = await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region);

        var code = await TestEmulator.ErrorCodeAsync(
            () => emulator.LaunchAsync(configure: request => request.PrivateIpAddress = first.PrivateIpAddress));

        var after = await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region);
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo("InvalidIPAddress.InUse"));
            Assert.That(after.Select(static resource => resource.Id), Is.EqualTo(before.Select(static resource => resource.Id)));
        });
    }
}
