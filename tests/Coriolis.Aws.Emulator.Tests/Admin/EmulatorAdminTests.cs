using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Admin;

internal sealed class EmulatorAdminTests
{
    [Test]
    public async Task CreateInstanceAsync_ParavirtualWithProductCodes_IsDescribedAsSeeded()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var seeded = await emulator.Emulator.Admin.CreateInstanceAsync(TestEmulator.Region, new InstanceSeed
        {
            Name = "old",
            State = "stopped",
            VirtualizationType = "paravirtual",
            ProductCodes = ["abc"],
            HibernationConfigured = true,
            NetworkInterfaces = 2,
            Volumes =
            [
                new VolumeSeed { SizeGiB = 8 },
                new VolumeSeed { SizeGiB = 16_384, Synthetic = new SyntheticVolumeSpec() },
                new VolumeSeed { SizeGiB = 4, VolumeType = "io2", Iops = 100, MultiAttach = true },
            ],
        });

        var instance = await emulator.DescribeAsync(seeded.InstanceId);
        Assert.Multiple(() =>
        {
            Assert.That(instance.State.Name.Value, Is.EqualTo("stopped"));
            Assert.That(instance.VirtualizationType.Value, Is.EqualTo("paravirtual"));
            Assert.That(instance.ProductCodes.Single().ProductCodeId, Is.EqualTo("abc"));
            Assert.That(instance.HibernationOptions.Configured, Is.True);
            Assert.That(instance.NetworkInterfaces, Has.Count.EqualTo(2));
            Assert.That(instance.BlockDeviceMappings.Select(static mapping => mapping.Ebs.VolumeId), Is.EqualTo(seeded.VolumeIds));
        });
    }

    [Test]
    public async Task GetVolumePath_FileWritten_IsInTheNextVolumeFromASnapshot()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var volume = await emulator.CreateVolumeAsync();
        var content = "written outside"u8.ToArray();
        await using (var file = File.OpenWrite(emulator.Emulator.Admin.GetVolumePath(TestEmulator.Region, volume.VolumeId)))
        {
            file.Position = 700_000;
            await file.WriteAsync(content);
        }

        var snapshot = await emulator.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = volume.VolumeId });
        var copy = await emulator.CreateVolumeAsync(2, request => request.SnapshotId = snapshot.Snapshot.SnapshotId);

        var read = new byte[content.Length];
        await using (var file = File.OpenRead(emulator.Emulator.Admin.GetVolumePath(TestEmulator.Region, copy.VolumeId)))
        {
            file.Position = 700_000;
            await file.ReadExactlyAsync(read);
        }

        Assert.That(read, Is.EqualTo(content));
    }

    [Test]
    public async Task GetResourcesAsync_AfterEverythingIsRemoved_IsEmpty()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var instance = await emulator.LaunchAsync(dataDisks: 1);
        var during = await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region);

        await emulator.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest { InstanceIds = [instance.InstanceId] });

        Assert.Multiple(async () =>
        {
            Assert.That(during.Select(static resource => resource.Type), Is.EquivalentTo(new[] { "instance", "volume", "volume", "network-interface" }));
            Assert.That(await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region), Is.Empty);
        });
    }

    [Test]
    public async Task CreateInstanceAsync_ImpossibleVolume_SaysWhy()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var error = Assert.ThrowsAsync<ArgumentException>(() => emulator.Emulator.Admin.CreateInstanceAsync(
            TestEmulator.Region, new InstanceSeed { Volumes = [new VolumeSeed { SizeGiB = 0 }] }));

        Assert.That(error.Message, Does.Contain("0GiB is too small"));
    }
}
