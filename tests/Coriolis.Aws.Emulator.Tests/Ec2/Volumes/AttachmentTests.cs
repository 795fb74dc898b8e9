using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Volumes;

internal sealed class AttachmentTests
{
    [Test]
    public async Task AttachAndDetach_WithDelays_GoThroughTheirStates()
    {
        await using var emulator = await TestEmulator.StartAsync(static options => options.Delays = new EmulatorDelays
        {
            VolumeAttach = TimeSpan.FromSeconds(2),
            VolumeDetach = TimeSpan.FromSeconds(3),
        });
        var instance = await emulator.LaunchAsync();
        var volume = await emulator.CreateVolumeAsync();

        var states = new List<string>();
        await emulator.AttachAsync(volume.VolumeId, instance.InstanceId);
        states.Add(await AttachmentStateAsync(emulator, volume.VolumeId));
        emulator.Time.Advance(TimeSpan.FromSeconds(2));
        states.Add(await AttachmentStateAsync(emulator, volume.VolumeId));
        await emulator.Ec2.DetachVolumeAsync(new DetachVolumeRequest { VolumeId = volume.VolumeId });
        states.Add(await AttachmentStateAsync(emulator, volume.VolumeId));
        emulator.Time.Advance(TimeSpan.FromSeconds(3));
        states.Add(await AttachmentStateAsync(emulator, volume.VolumeId));

        Assert.That(states, Is.EqualTo(new[] { "in-use/attaching", "in-use/attached", "in-use/detaching", "available/" }));
    }

    [Test]
    public async Task AttachVolume_ThatCannotBe_IsRefusedWithTheReason()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var instance = await emulator.LaunchAsync();
        var elsewhere = await emulator.CreateVolumeAsync(1, static request => request.AvailabilityZone = "eu-west-1b");
        var first = await emulator.CreateVolumeAsync();
        var second = await emulator.CreateVolumeAsync();
        await emulator.AttachAsync(first.VolumeId, instance.InstanceId);

        var codes = new[]
        {
            await TestEmulator.ErrorCodeAsync(() => emulator.AttachAsync(elsewhere.VolumeId, instance.InstanceId, "/dev/sdg")),
            await TestEmulator.ErrorCodeAsync(() => emulator.AttachAsync(second.VolumeId, instance.InstanceId, "/dev/sdf")),
            await TestEmulator.ErrorCodeAsync(() => emulator.AttachAsync(second.VolumeId, instance.InstanceId, "/dev/nvme1n1")),
            await TestEmulator.ErrorCodeAsync(() => emulator.AttachAsync(first.VolumeId, instance.InstanceId, "/dev/sdg")),
            await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.DeleteVolumeAsync(new DeleteVolumeRequest { VolumeId = first.VolumeId })),
            await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.DetachVolumeAsync(new DetachVolumeRequest { VolumeId = second.VolumeId })),
        };

        Assert.That(codes, Is.EqualTo(new[]
        {
            "InvalidVolume.ZoneMismatch", "InvalidParameterValue", "InvalidParameterValue", "VolumeInUse", "VolumeInUse", "IncorrectState",
        }));
    }

    [Test]
    public async Task AttachVolume_WithMarketplaceCodes_NeedsAStoppedInstance()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var seeded = await emulator.Emulator.Admin.CreateInstanceAsync(
            TestEmulator.Region, new InstanceSeed { Volumes = [new VolumeSeed { SizeGiB = 1, ProductCodes = ["abc"] }] });
        var snapshot = await emulator.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = seeded.VolumeIds[0] });
        var copy = await emulator.CreateVolumeAsync(1, request => request.SnapshotId = snapshot.Snapshot.SnapshotId);
        var worker = await emulator.LaunchAsync();

        var refused = await TestEmulator.ErrorCodeAsync(() => emulator.AttachAsync(copy.VolumeId, worker.InstanceId));
        await emulator.Ec2.StopInstancesAsync(new StopInstancesRequest { InstanceIds = [worker.InstanceId] });
        await emulator.AttachAsync(copy.VolumeId, worker.InstanceId);

        Assert.Multiple(async () =>
        {
            Assert.That(refused, Is.EqualTo("IncorrectInstanceState"));
            Assert.That(await AttachmentStateAsync(emulator, copy.VolumeId), Is.EqualTo("in-use/attached"));
        });
    }

    [Test]
    public async Task AttachVolume_BeyondTheTypesLimit_IsRefused()
    {
        await using var emulator = await TestEmulator.StartAsync();
        // 27 places on Nitro, of which the root volume and the network interface take two.
        var instance = await emulator.LaunchAsync(dataDisks: 20);
        foreach (var letter in "abcde")
        {
            var volume = await emulator.CreateVolumeAsync();
            await emulator.AttachAsync(volume.VolumeId, instance.InstanceId, $"/dev/xvda{letter}");
        }

        var last = await emulator.CreateVolumeAsync();
        var code = await TestEmulator.ErrorCodeAsync(() => emulator.AttachAsync(last.VolumeId, instance.InstanceId, "/dev/xvdaf"));

        Assert.That(code, Is.EqualTo("AttachmentLimitExceeded"));
    }

    private static async Task<string> AttachmentStateAsync(TestEmulator emulator, string volumeId)
    {
        var response = await emulator.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [volumeId] });
        var volume = response.Volumes.Single();
        return $"{volume.State}/{volume.Attachments?.SingleOrDefault()?.State}";
    }
}
