using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Volumes;

internal sealed class VolumeModificationTests
{
    [Test]
    public async Task ModifyVolume_GrowsFileAndKeepsBytes()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var volume = await emulator.CreateVolumeAsync();
        var path = emulator.Emulator.Admin.GetVolumePath(TestEmulator.Region, volume.VolumeId);
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Write([1, 2, 3]);
        }

        var modification = (await emulator.Ec2.ModifyVolumeAsync(new ModifyVolumeRequest { VolumeId = volume.VolumeId, Size = 3, VolumeType = VolumeType.Gp3 }))
            .VolumeModification;

        var described = (await emulator.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [volume.VolumeId] })).Volumes.Single();
        var head = new byte[3];
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            file.ReadExactly(head);
        }

        Assert.Multiple(() =>
        {
            Assert.That((described.Size, described.VolumeType, described.Iops, described.Throughput), Is.EqualTo((3, VolumeType.Gp3, 3000, 125)));
            Assert.That((modification.OriginalSize, modification.TargetSize), Is.EqualTo((1, 3)));
            Assert.That((modification.OriginalVolumeType, modification.TargetVolumeType), Is.EqualTo((VolumeType.Gp2, VolumeType.Gp3)));
            Assert.That(new FileInfo(path).Length, Is.EqualTo(3L << 30));
            Assert.That(head, Is.EqualTo(new byte[] { 1, 2, 3 }));
        });
    }

    [Test]
    public async Task ModifyVolume_WithDelay_GoesThroughItsStatesAndIsLimitedInRate()
    {
        await using var emulator = await TestEmulator.StartAsync(static options => options.Delays = new EmulatorDelays { VolumeModify = TimeSpan.FromSeconds(100) });
        var volume = await emulator.CreateVolumeAsync();
        var modify = new ModifyVolumeRequest { VolumeId = volume.VolumeId, Size = 2 };
        async Task<VolumeModification> DescribeAsync() =>
            (await emulator.Ec2.DescribeVolumesModificationsAsync(new DescribeVolumesModificationsRequest { VolumeIds = [volume.VolumeId] })).VolumesModifications.Single();

        await emulator.Ec2.ModifyVolumeAsync(modify);
        var first = await DescribeAsync();
        emulator.Time.Advance(TimeSpan.FromSeconds(40));
        var second = await DescribeAsync();
        var during = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.ModifyVolumeAsync(modify));
        emulator.Time.Advance(TimeSpan.FromSeconds(60));
        var third = await DescribeAsync();
        var soon = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.ModifyVolumeAsync(modify));
        emulator.Time.Advance(TimeSpan.FromHours(6));

        await emulator.Ec2.ModifyVolumeAsync(modify);
        Assert.Multiple(() =>
        {
            Assert.That((first.ModificationState, first.Progress), Is.EqualTo((VolumeModificationState.Modifying, 0L)));
            Assert.That((second.ModificationState, second.Progress), Is.EqualTo((VolumeModificationState.Optimizing, 40L)));
            Assert.That((third.ModificationState, third.Progress), Is.EqualTo((VolumeModificationState.Completed, 100L)));
            Assert.That((during, soon), Is.EqualTo(("IncorrectModificationState", "VolumeModificationRateExceeded")));
        });
    }

    [Test]
    public async Task ModifyVolume_ThatCannotBe_IsRefusedWithTheReason()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var volume = await emulator.CreateVolumeAsync(2);

        var smaller = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.ModifyVolumeAsync(new ModifyVolumeRequest { VolumeId = volume.VolumeId, Size = 1 }));
        var none = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.DescribeVolumesModificationsAsync(
            new DescribeVolumesModificationsRequest { VolumeIds = [volume.VolumeId] }));
        var unknown = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.ModifyVolumeAsync(new ModifyVolumeRequest { VolumeId = "vol-0123456789abcdef0", Size = 9 }));

        Assert.That((smaller, none, unknown), Is.EqualTo(("InvalidParameterValue", "InvalidVolumeModification.NotFound", "InvalidVolume.NotFound")));
    }
}
