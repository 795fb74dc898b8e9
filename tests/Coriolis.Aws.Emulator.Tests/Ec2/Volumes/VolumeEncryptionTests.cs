using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Volumes;

internal sealed class VolumeEncryptionTests
{
    [Test]
    public async Task CreateVolume_WithKeyThatDoesNotExist_IsAnnouncedAndVanishes()
    {
        await using var emulator = await TestEmulator.StartAsync(
            static options => options.Delays = new EmulatorDelays { VolumeCreate = TimeSpan.FromSeconds(5) });

        var volume = await emulator.CreateVolumeAsync(1, static request =>
        {
            request.Encrypted = true;
            request.KmsKeyId = "alias/nobody";
        });
        emulator.Time.Advance(TimeSpan.FromSeconds(5));

        var code = await TestEmulator.ErrorCodeAsync(
            () => emulator.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [volume.VolumeId] }));
        Assert.Multiple(() =>
        {
            Assert.That(volume.State.Value, Is.EqualTo("creating"));
            Assert.That(code, Is.EqualTo("InvalidVolume.NotFound"));
        });
    }

    [Test]
    public async Task EncryptionSettings_Changed_ApplyToNewVolumesAndOutliveARestart()
    {
        await using var emulator = await TestEmulator.StartAsync();
        await emulator.Ec2.EnableEbsEncryptionByDefaultAsync(new EnableEbsEncryptionByDefaultRequest());
        await emulator.RestartAsync();
        var enabled = (await emulator.Ec2.GetEbsEncryptionByDefaultAsync(new GetEbsEncryptionByDefaultRequest())).EbsEncryptionByDefault;
        var encrypted = await emulator.CreateVolumeAsync();
        var modified = await emulator.Ec2.ModifyEbsDefaultKmsKeyIdAsync(new ModifyEbsDefaultKmsKeyIdRequest { KmsKeyId = encrypted.KmsKeyId });
        var reset = await emulator.Ec2.ResetEbsDefaultKmsKeyIdAsync(new ResetEbsDefaultKmsKeyIdRequest());
        var unknown = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.ModifyEbsDefaultKmsKeyIdAsync(new ModifyEbsDefaultKmsKeyIdRequest { KmsKeyId = "alias/none" }));
        await emulator.Ec2.DisableEbsEncryptionByDefaultAsync(new DisableEbsEncryptionByDefaultRequest());

        var plain = await emulator.CreateVolumeAsync();

        Assert.Multiple(() =>
        {
            Assert.That(enabled, Is.True);
            Assert.That((encrypted.Encrypted, plain.Encrypted), Is.EqualTo((true, false)));
            Assert.That((modified.KmsKeyId, reset.KmsKeyId, unknown), Is.EqualTo((encrypted.KmsKeyId, "alias/aws/ebs", "InvalidParameterValue")));
        });
    }

    [Test]
    public async Task EncryptionByDefault_EncryptsVolumeSnapshotAndWhatComesFromIt()
    {
        await using var emulator = await TestEmulator.StartAsync(static options => options.EncryptionByDefault = true);

        var volume = await emulator.CreateVolumeAsync();
        var snapshot = (await emulator.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest { VolumeId = volume.VolumeId })).Snapshot;
        var restored = await emulator.CreateVolumeAsync(2, request => request.SnapshotId = snapshot.SnapshotId);

        Assert.Multiple(() =>
        {
            Assert.That(volume.KmsKeyId, Does.StartWith("arn:aws:kms:eu-west-1:123456789012:key/"));
            Assert.That(snapshot.KmsKeyId, Is.EqualTo(volume.KmsKeyId));
            Assert.That(restored.KmsKeyId, Is.EqualTo(volume.KmsKeyId));
        });
    }

    [Test]
    public async Task CopyVolumes_OfEncryptedVolume_HasItsBytesAndItsOwnLife()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var source = await emulator.CreateVolumeAsync(1, static request => request.Encrypted = true);
        var path = emulator.Emulator.Admin.GetVolumePath(TestEmulator.Region, source.VolumeId);
        await using (var file = File.OpenWrite(path))
        {
            await file.WriteAsync("before"u8.ToArray());
        }

        var copy = (await emulator.Ec2.CopyVolumesAsync(new CopyVolumesRequest { SourceVolumeId = source.VolumeId })).Volumes.Single();
        await using (var file = File.OpenWrite(path))
        {
            await file.WriteAsync("after!"u8.ToArray());
        }

        var read = new byte[6];
        await using (var file = File.OpenRead(emulator.Emulator.Admin.GetVolumePath(TestEmulator.Region, copy.VolumeId)))
        {
            await file.ReadExactlyAsync(read);
        }

        Assert.Multiple(() =>
        {
            Assert.That(read, Is.EqualTo("before"u8.ToArray()));
            Assert.That(copy.SourceVolumeId, Is.EqualTo(source.VolumeId));
        });
    }
}
