using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Snapshots;

internal sealed class SnapshotTests
{
    [Test]
    public async Task CreateSnapshot_OfOneVolumeWithin15Seconds_IsRefusedAndThenAccepted()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var volume = await emulator.CreateVolumeAsync();
        var request = new CreateSnapshotRequest { VolumeId = volume.VolumeId };
        await emulator.Ec2.CreateSnapshotAsync(request);

        emulator.Time.Advance(TimeSpan.FromSeconds(14.9));
        var code = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.CreateSnapshotAsync(request));
        emulator.Time.Advance(TimeSpan.FromSeconds(0.1));
        var second = await emulator.Ec2.CreateSnapshotAsync(request);

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo("SnapshotCreationPerVolumeRateExceeded"));
            Assert.That(second.Snapshot.VolumeId, Is.EqualTo(volume.VolumeId));
        });
    }

    [Test]
    public async Task DescribeSnapshots_WhilePending_ShowsProgressUpTo100()
    {
        await using var emulator = await TestEmulator.StartAsync(
            static options => options.Delays = new EmulatorDelays { Snapshot = TimeSpan.FromSeconds(40), SnapshotPerGiB = TimeSpan.FromSeconds(10) });
        var volume = await emulator.CreateVolumeAsync(6);
        var snapshot = (await emulator.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = volume.VolumeId })).Snapshot;

        var seen = new List<string>();
        for (var quarter = 0; quarter <= 4; quarter++)
        {
            var described = (await emulator.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { SnapshotIds = [snapshot.SnapshotId] })).Snapshots.Single();
            seen.Add($"{described.State} {described.Progress}");
            emulator.Time.Advance(TimeSpan.FromSeconds(25));
        }

        Assert.That(seen, Is.EqualTo(new[] { "pending 0%", "pending 25%", "pending 50%", "pending 75%", "completed 100%" }));
    }

    [Test]
    public async Task CreateSnapshots_WithExclusions_TakesTheRestWithItsTags()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var seeded = await emulator.Emulator.Admin.CreateInstanceAsync(TestEmulator.Region, new InstanceSeed
        {
            Volumes =
            [
                new VolumeSeed { SizeGiB = 1 },
                new VolumeSeed { SizeGiB = 2, Tags = new Dictionary<string, string> { ["disk"] = "data" } },
                new VolumeSeed { SizeGiB = 3 },
            ],
        });

        var set = await emulator.Ec2.CreateSnapshotsAsync(new CreateSnapshotsRequest
        {
            InstanceSpecification = new InstanceSpecification
            {
                InstanceId = seeded.InstanceId,
                ExcludeBootVolume = true,
                ExcludeDataVolumeIds = [seeded.VolumeIds[2]],
            },
            CopyTagsFromSource = CopyTagsFromSource.Volume,
            TagSpecifications = [new TagSpecification { ResourceType = ResourceType.Snapshot, Tags = [new Tag("job", "1")] }],
        });

        var snapshot = set.Snapshots.Single();
        Assert.Multiple(() =>
        {
            Assert.That(snapshot.VolumeId, Is.EqualTo(seeded.VolumeIds[1]));
            Assert.That(snapshot.Tags.Select(static tag => $"{tag.Key}={tag.Value}"), Is.EquivalentTo(new[] { "disk=data", "job=1" }));
        });
    }

    [Test]
    public async Task CreateSnapshots_ExcludingTheRootAsData_IsRefused()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var seeded = await emulator.Emulator.Admin.CreateInstanceAsync(
            TestEmulator.Region, new InstanceSeed { Volumes = [new VolumeSeed { SizeGiB = 1 }, new VolumeSeed { SizeGiB = 1 }] });

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.CreateSnapshotsAsync(new CreateSnapshotsRequest
        {
            InstanceSpecification = new InstanceSpecification { InstanceId = seeded.InstanceId, ExcludeDataVolumeIds = [seeded.VolumeIds[0]] },
        }));

        Assert.That(code, Is.EqualTo("InvalidParameterValue"));
    }

    [Test]
    public async Task CreateSnapshots_BeyondPendingLimit_TakesNone()
    {
        await using var emulator = await TestEmulator.StartAsync(static options =>
        {
            options.Delays = EmulatorDelays.Realistic;
            options.Quotas = new EmulatorQuotas { PendingSnapshots = 1 };
        });
        var seeded = await emulator.Emulator.Admin.CreateInstanceAsync(
            TestEmulator.Region, new InstanceSeed { Volumes = [new VolumeSeed { SizeGiB = 1 }, new VolumeSeed { SizeGiB = 1 }] });

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.CreateSnapshotsAsync(
            new CreateSnapshotsRequest { InstanceSpecification = new InstanceSpecification { InstanceId = seeded.InstanceId } }));

        var left = await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region);
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo("PendingSnapshotLimitExceeded"));
            Assert.That(left.Select(static resource => resource.Type), Has.None.EqualTo("snapshot"));
        });
    }

    [Test]
    public async Task DeleteSnapshot_OfAnImage_IsRefusedUntilTheImageIsGone()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var volume = await emulator.CreateVolumeAsync();
        var snapshot = (await emulator.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = volume.VolumeId })).Snapshot;
        await emulator.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest());
        var image = await emulator.Ec2.RegisterImageAsync(new RegisterImageRequest
        {
            Name = "golden",
            RootDeviceName = "/dev/sda1",
            VirtualizationType = "hvm",
            Architecture = ArchitectureValues.X86_64,
            BlockDeviceMappings = [new BlockDeviceMapping { DeviceName = "/dev/sda1", Ebs = new EbsBlockDevice { SnapshotId = snapshot.SnapshotId } }],
        });
        var delete = new DeleteSnapshotRequest { SnapshotId = snapshot.SnapshotId };

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.DeleteSnapshotAsync(delete));
        await emulator.Ec2.DeregisterImageAsync(new DeregisterImageRequest { ImageId = image.ImageId });
        await emulator.Ec2.DeleteSnapshotAsync(delete);

        Assert.Multiple(async () =>
        {
            Assert.That(code, Is.EqualTo("InvalidSnapshot.InUse"));
            Assert.That(await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.DeleteSnapshotAsync(delete)), Is.EqualTo("InvalidSnapshot.NotFound"));
        });
    }

    [Test]
    public async Task CopySnapshot_ToAnotherRegion_IsThereAndEncryptedByItsDefaultKey()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var volume = await emulator.CreateVolumeAsync(3);
        var snapshot = (await emulator.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = volume.VolumeId })).Snapshot;
        var other = emulator.CreateEc2("us-east-1");

        var copy = await other.CopySnapshotAsync(new CopySnapshotRequest
        {
            SourceRegion = TestEmulator.Region,
            SourceSnapshotId = snapshot.SnapshotId,
            Encrypted = true,
        });

        var described = (await other.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { SnapshotIds = [copy.SnapshotId] })).Snapshots.Single();
        var code = await TestEmulator.ErrorCodeAsync(() => other.ModifySnapshotAttributeAsync(new ModifySnapshotAttributeRequest
        {
            SnapshotId = copy.SnapshotId,
            CreateVolumePermission = new CreateVolumePermissionModifications { Add = [new CreateVolumePermission { UserId = "210987654321" }] },
        }));
        Assert.Multiple(() =>
        {
            Assert.That(described.State.Value, Is.EqualTo("completed"));
            Assert.That(described.VolumeSize, Is.EqualTo(3));
            Assert.That(described.KmsKeyId, Does.StartWith("arn:aws:kms:us-east-1:123456789012:key/"));
            Assert.That(code, Is.EqualTo("InvalidParameter"));
        });
    }
}
