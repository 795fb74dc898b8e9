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

    [TestCase("gp3", 10, 5000, null, null)]
    [TestCase("gp3", 10, 5001, null, "InvalidParameterValue")]
    [TestCase("gp3", 1, 3000, 750, null)]
    [TestCase("gp3", 1, 3000, 751, "InvalidParameterValue")]
    [TestCase("gp3", 1, null, 751, "InvalidParameterValue")]
    [TestCase("io1", 4, 200, null, null)]
    [TestCase("io1", 4, 201, null, "InvalidParameterValue")]
    [TestCase("io2", 4, 4000, null, null)]
    [TestCase("io2", 4, 4001, null, "InvalidParameterValue")]
    public async Task CreateVolume_PerformanceForItsSize_IsBoundedByTheTypesRatios(string type, int size, int? iops, int? throughput, string? code)
    {
        await using var emulator = await TestEmulator.StartAsync();
        Task<Volume> CreateAsync() => emulator.CreateVolumeAsync(size, request =>
        {
            request.VolumeType = type;
            request.Iops = iops;
            request.Throughput = throughput;
        });

        if (code is null) await CreateAsync();
        else Assert.That(await TestEmulator.ErrorCodeAsync(CreateAsync), Is.EqualTo(code));

        Assert.That(await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region), Has.Count.EqualTo(code is null ? 1 : 0));
    }

    [Test]
    public async Task ModifyVolume_MultiAttachForATypeWithoutIt_IsRefusedAndChangesNothing()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var plain = await emulator.CreateVolumeAsync();
        var shared = await emulator.CreateVolumeAsync(4, static request => (request.VolumeType, request.Iops, request.MultiAttachEnabled) = (VolumeType.Io2, 100, true));

        var enabled = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.ModifyVolumeAsync(
            new ModifyVolumeRequest { VolumeId = plain.VolumeId, MultiAttachEnabled = true }));
        var retyped = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.ModifyVolumeAsync(
            new ModifyVolumeRequest { VolumeId = shared.VolumeId, VolumeType = VolumeType.Gp3 }));

        var volumes = (await emulator.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [plain.VolumeId, shared.VolumeId] })).Volumes;
        Assert.That((enabled, retyped), Is.EqualTo(("InvalidParameterCombination", "InvalidParameterCombination")));
        Assert.That(
            volumes.Select(static volume => (volume.VolumeType, volume.MultiAttachEnabled)),
            Is.EquivalentTo(new[] { (VolumeType.Gp2, (bool?)false), (VolumeType.Io2, true) }));
    }
}
