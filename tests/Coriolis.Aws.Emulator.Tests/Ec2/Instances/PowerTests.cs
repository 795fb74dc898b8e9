using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Instances;

internal sealed class PowerTests
{
    [Test]
    public async Task Instance_WithDelays_GoesThroughItsLife()
    {
        await using var emulator = await TestEmulator.StartAsync(static options => options.Delays = EmulatorDelays.Realistic);
        var instance = await emulator.LaunchAsync();
        List<string> ids = [instance.InstanceId];
        var states = new List<string>();
        async Task SeeAsync(int secondsLater)
        {
            states.Add((await emulator.DescribeAsync(instance.InstanceId)).State.Name.Value);
            emulator.Time.Advance(TimeSpan.FromSeconds(secondsLater));
            states.Add((await emulator.DescribeAsync(instance.InstanceId)).State.Name.Value);
        }

        await SeeAsync(20);
        await emulator.Ec2.StopInstancesAsync(new StopInstancesRequest { InstanceIds = ids });
        await SeeAsync(40);
        await emulator.Ec2.StartInstancesAsync(new StartInstancesRequest { InstanceIds = ids });
        await SeeAsync(20);
        await emulator.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest { InstanceIds = ids });
        await SeeAsync(30);

        Assert.That(states, Is.EqualTo(
            new[] { "pending", "running", "stopping", "stopped", "pending", "running", "shutting-down", "terminated" }));
    }

    [Test]
    public async Task TerminateInstances_VolumesFollowDeleteOnTermination()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var instance = await emulator.LaunchAsync(dataDisks: 1);
        var attached = await emulator.CreateVolumeAsync();
        await emulator.AttachAsync(attached.VolumeId, instance.InstanceId, "/dev/sdp");

        await emulator.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest { InstanceIds = [instance.InstanceId] });

        var left = await emulator.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest());
        Assert.Multiple(() =>
        {
            Assert.That(left.Volumes.Select(static volume => volume.VolumeId), Is.EqualTo(new[] { attached.VolumeId }));
            Assert.That(left.Volumes[0].State.Value, Is.EqualTo("available"));
        });
    }

    [Test]
    public async Task TerminateInstances_Twice_IsNoErrorAndTheInstanceDisappearsWithinAnHour()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var instance = await emulator.LaunchAsync();
        var request = new TerminateInstancesRequest { InstanceIds = [instance.InstanceId] };
        await emulator.Ec2.TerminateInstancesAsync(request);

        var again = await emulator.Ec2.TerminateInstancesAsync(request);
        emulator.Time.Advance(TimeSpan.FromHours(1));

        Assert.Multiple(async () =>
        {
            Assert.That(again.TerminatingInstances.Single().CurrentState.Name.Value, Is.EqualTo("terminated"));
            Assert.That(await TestEmulator.ErrorCodeAsync(() => emulator.DescribeAsync(instance.InstanceId)), Is.EqualTo("InvalidInstanceID.NotFound"));
        });
    }

    [Test]
    public async Task Change_OfSeveralOfWhichOneCannot_ChangesNone()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var free = await emulator.LaunchAsync();
        var guarded = await emulator.LaunchAsync(configure: static request => request.DisableApiTermination = true);

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.TerminateInstancesAsync(
            new TerminateInstancesRequest { InstanceIds = [free.InstanceId, guarded.InstanceId] }));

        Assert.Multiple(async () =>
        {
            Assert.That(code, Is.EqualTo("OperationNotPermitted"));
            Assert.That((await emulator.DescribeAsync(free.InstanceId)).State.Name.Value, Is.EqualTo("running"));
        });
    }

    [Test]
    public async Task ModifyInstanceAttribute_DeleteOnTermination_IsFollowed()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var instance = await emulator.LaunchAsync();
        await emulator.Ec2.ModifyInstanceAttributeAsync(new ModifyInstanceAttributeRequest
        {
            InstanceId = instance.InstanceId,
            BlockDeviceMappings =
            [
                new InstanceBlockDeviceMappingSpecification
                {
                    DeviceName = "/dev/sda1", Ebs = new EbsInstanceBlockDeviceSpecification { DeleteOnTermination = false },
                },
            ],
        });

        await emulator.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest { InstanceIds = [instance.InstanceId] });

        var left = await emulator.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest());
        Assert.That(left.Volumes, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task StopAndStart_WithPublicAddress_GivesItBackAndGetsAnother()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var launched = await emulator.LaunchAsync();
        List<string> ids = [launched.InstanceId];
        var first = (await emulator.DescribeAsync(launched.InstanceId)).PublicIpAddress;
        Task<DescribeInstancesResponse> FindAsync(string filter, string value) =>
            emulator.Ec2.DescribeInstancesAsync(new DescribeInstancesRequest { Filters = [new Filter(filter, [value])] });

        await emulator.Ec2.StopInstancesAsync(new StopInstancesRequest { InstanceIds = ids });
        var stopped = await emulator.DescribeAsync(launched.InstanceId);
        var stoppedNic = (await emulator.Ec2.DescribeNetworkInterfacesAsync(new DescribeNetworkInterfacesRequest())).NetworkInterfaces.Single();
        var byAddress = await FindAsync("ip-address", first);
        var byName = await FindAsync("dns-name", "*");
        await emulator.RestartAsync();
        await emulator.Ec2.StartInstancesAsync(new StartInstancesRequest { InstanceIds = ids });
        var started = await emulator.DescribeAsync(launched.InstanceId);

        Assert.Multiple(() =>
        {
            Assert.That((stopped.PublicIpAddress, stopped.NetworkInterfaces.Single().Association, stoppedNic.Association), Is.EqualTo(((string?)null, (object?)null, (object?)null)));
            Assert.That((byAddress.Reservations ?? []).Concat(byName.Reservations ?? []), Is.Empty);
            Assert.That(started.PublicIpAddress, Is.Not.Null.And.Not.EqualTo(first));
            Assert.That(started.NetworkInterfaces.Single().Association.PublicIp, Is.EqualTo(started.PublicIpAddress));
            Assert.That(started.PrivateIpAddress, Is.EqualTo(launched.PrivateIpAddress));
        });
    }

    [Test]
    public async Task StopAndStart_WithoutPublicAddress_GetsNone()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var launched = await emulator.LaunchAsync(configure: static request =>
            request.NetworkInterfaces = [new InstanceNetworkInterfaceSpecification { DeviceIndex = 0, AssociatePublicIpAddress = false }]);
        List<string> ids = [launched.InstanceId];

        await emulator.Ec2.StopInstancesAsync(new StopInstancesRequest { InstanceIds = ids });
        await emulator.Ec2.StartInstancesAsync(new StartInstancesRequest { InstanceIds = ids });

        Assert.That((await emulator.DescribeAsync(launched.InstanceId)).PublicIpAddress, Is.Null);
    }

    [Test]
    public async Task StartInstances_OfSeveralOfWhichOneCannot_GivesNoneAnAddress()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var stopped = await emulator.LaunchAsync();
        var terminated = await emulator.LaunchAsync();
        await emulator.Ec2.StopInstancesAsync(new StopInstancesRequest { InstanceIds = [stopped.InstanceId] });
        await emulator.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest { InstanceIds = [terminated.InstanceId] });

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.StartInstancesAsync(
            new StartInstancesRequest { InstanceIds = [stopped.InstanceId, terminated.InstanceId] }));

        Assert.That(code, Is.EqualTo("IncorrectInstanceState"));
        Assert.That((await emulator.DescribeAsync(stopped.InstanceId)).PublicIpAddress, Is.Null);
    }
}
