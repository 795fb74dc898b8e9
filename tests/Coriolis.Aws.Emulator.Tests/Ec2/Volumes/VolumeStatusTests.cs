using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Volumes;

internal sealed class VolumeStatusTests
{
    [Test]
    public async Task DescribeVolumeStatus_CreatingAndAvailable_TellsThemApart()
    {
        await using var emulator = await TestEmulator.StartAsync(static options => options.Delays = new EmulatorDelays { VolumeCreate = TimeSpan.FromSeconds(2) });
        var volume = await emulator.CreateVolumeAsync();
        var request = new DescribeVolumeStatusRequest { VolumeIds = [volume.VolumeId] };

        var creating = (await emulator.Ec2.DescribeVolumeStatusAsync(request)).VolumeStatuses.Single();
        emulator.Time.Advance(TimeSpan.FromSeconds(2));
        var available = (await emulator.Ec2.DescribeVolumeStatusAsync(request)).VolumeStatuses.Single();

        Assert.Multiple(() =>
        {
            Assert.That(creating.VolumeStatus.Status, Is.EqualTo(VolumeStatusInfoStatus.InsufficientData));
            Assert.That(available.VolumeStatus.Status, Is.EqualTo(VolumeStatusInfoStatus.Ok));
            Assert.That(available.AvailabilityZone, Is.EqualTo("eu-west-1a"));
            Assert.That(
                available.VolumeStatus.Details.Select(static detail => $"{detail.Name.Value}={detail.Status}"),
                Is.EquivalentTo(new[] { "io-enabled=passed", "io-performance=not-applicable", "initialization-state=completed" }));
        });
    }

    [Test]
    public async Task DescribeVolumeStatus_Filtered_ListsWhatMatches()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var here = await emulator.CreateVolumeAsync();
        await emulator.CreateVolumeAsync(configure: static request => request.AvailabilityZone = "eu-west-1b");

        var listed = await emulator.Ec2.DescribeVolumeStatusAsync(new DescribeVolumeStatusRequest
        {
            Filters = [new Filter("availability-zone", ["eu-west-1a"]), new Filter("volume-status.status", ["ok"])],
        });

        Assert.That(listed.VolumeStatuses.Select(static status => status.VolumeId), Is.EqualTo(new[] { here.VolumeId }));
    }

    [Test]
    public async Task DescribeVolumeAttribute_ProductCodes_AreThoseOfTheSeed()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var seeded = await emulator.Emulator.Admin.CreateInstanceAsync(
            TestEmulator.Region, new InstanceSeed { Volumes = [new VolumeSeed { SizeGiB = 1, ProductCodes = ["code1"] }] });

        var attribute = await emulator.Ec2.DescribeVolumeAttributeAsync(
            new DescribeVolumeAttributeRequest { VolumeId = seeded.VolumeIds[0], Attribute = VolumeAttributeName.ProductCodes });

        Assert.That(attribute.ProductCodes.Single().ProductCodeId, Is.EqualTo("code1"));
    }
}
