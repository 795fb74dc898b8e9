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
}
