using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Instances;

internal sealed class InstanceStatusTests
{
    [Test]
    public async Task DescribeInstanceStatus_ListsRunningInstances_OrAllWhenAsked()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var running = await emulator.LaunchAsync();
        var stopped = await emulator.LaunchAsync();
        await emulator.Ec2.StopInstancesAsync(new StopInstancesRequest([stopped.InstanceId]));

        var some = await emulator.Ec2.DescribeInstanceStatusAsync(new DescribeInstanceStatusRequest());
        var all = await emulator.Ec2.DescribeInstanceStatusAsync(new DescribeInstanceStatusRequest { IncludeAllInstances = true });

        var status = some.InstanceStatuses.Single();
        Assert.Multiple(() =>
        {
            Assert.That(status.InstanceId, Is.EqualTo(running.InstanceId));
            Assert.That((status.Status.Status, status.SystemStatus.Status), Is.EqualTo((SummaryStatus.Ok, SummaryStatus.Ok)));
            Assert.That(status.Status.Details.Single().Name, Is.EqualTo(StatusName.Reachability));
            Assert.That(all.InstanceStatuses.Single(item => item.InstanceId == stopped.InstanceId).Status.Status, Is.EqualTo(SummaryStatus.NotApplicable));
        });
    }

    [Test]
    public async Task DescribeInstanceTypeOfferings_ByZone_ListsEachZone()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var offerings = await emulator.Ec2.DescribeInstanceTypeOfferingsAsync(new DescribeInstanceTypeOfferingsRequest
        {
            LocationType = LocationType.AvailabilityZone,
            Filters = [new Filter("instance-type", ["t3.micro"])],
        });

        Assert.That(
            offerings.InstanceTypeOfferings.Select(static offering => $"{offering.InstanceType} {offering.Location}"),
            Is.EquivalentTo(new[] { "t3.micro eu-west-1a", "t3.micro eu-west-1b", "t3.micro eu-west-1c" }));
    }

    [Test]
    public async Task GetConsoleOutput_OfAnInstance_IsBase64OfWhatItWrote()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var instance = await emulator.LaunchAsync();

        var output = await emulator.Ec2.GetConsoleOutputAsync(new GetConsoleOutputRequest { InstanceId = instance.InstanceId });
        var unknown = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.GetConsoleOutputAsync(new GetConsoleOutputRequest { InstanceId = "i-0123456789abcdef0" }));

        Assert.That(output.InstanceId, Is.EqualTo(instance.InstanceId));
        Assert.That(Convert.FromBase64String(output.Output ?? ""), Is.Empty);
        Assert.That(unknown, Is.EqualTo("InvalidInstanceID.NotFound"));
    }

    [Test]
    public async Task DescribeInstanceAttribute_EachName_AnswersThatAttribute()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var instance = await emulator.LaunchAsync(dataDisks: 1, configure: static request => request.UserData = "aGVsbG8=");
        async Task<InstanceAttribute> GetAsync(InstanceAttributeName name) => (await emulator.Ec2.DescribeInstanceAttributeAsync(
            new DescribeInstanceAttributeRequest { InstanceId = instance.InstanceId, Attribute = name })).InstanceAttribute;

        Assert.Multiple(async () =>
        {
            Assert.That((await GetAsync(InstanceAttributeName.InstanceType)).InstanceType, Is.EqualTo("t3.micro"));
            Assert.That((await GetAsync(InstanceAttributeName.UserData)).UserData, Is.EqualTo("aGVsbG8="));
            Assert.That((await GetAsync(InstanceAttributeName.RootDeviceName)).RootDeviceName, Is.EqualTo("/dev/sda1"));
            Assert.That((await GetAsync(InstanceAttributeName.BlockDeviceMapping)).BlockDeviceMappings, Has.Count.EqualTo(2));
            Assert.That((await GetAsync(InstanceAttributeName.DisableApiTermination)).DisableApiTermination, Is.False);
            Assert.That((await GetAsync(InstanceAttributeName.SourceDestCheck)).SourceDestCheck, Is.True);
            Assert.That((await GetAsync(InstanceAttributeName.EnaSupport)).EnaSupport, Is.True);
            Assert.That((await GetAsync(InstanceAttributeName.GroupSet)).Groups, Has.Count.EqualTo(1));
            Assert.That((await GetAsync(InstanceAttributeName.ProductCodes)).ProductCodes ?? [], Is.Empty);
            Assert.That((await GetAsync(InstanceAttributeName.InstanceInitiatedShutdownBehavior)).InstanceInitiatedShutdownBehavior, Is.EqualTo("stop"));
        });
    }

    [Test]
    public async Task RebootInstances_OfRunningAndStopped_OnlyRunningOnesCan()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var instance = await emulator.LaunchAsync();

        await emulator.Ec2.RebootInstancesAsync(new RebootInstancesRequest([instance.InstanceId]));
        await emulator.Ec2.StopInstancesAsync(new StopInstancesRequest([instance.InstanceId]));
        var stopped = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.RebootInstancesAsync(new RebootInstancesRequest([instance.InstanceId])));

        Assert.That(stopped, Is.EqualTo("IncorrectInstanceState"));
    }
}
