using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.Images;

internal sealed class ImageFileTests
{
    [Test]
    public async Task RunInstances_OfImageFromFile_StartsWithItsBytes()
    {
        var file = Path.GetTempFileName();
        try
        {
            var content = new byte[600_000];
            new Random(1).NextBytes(content);
            await File.WriteAllBytesAsync(file, content);
            await using var emulator = await TestEmulator.StartAsync(options => options.Images["ami-00000000000000abc"] = file);

            var instance = await emulator.LaunchAsync(configure: static request => request.ImageId = "ami-00000000000000abc");

            var root = (await emulator.DescribeAsync(instance.InstanceId)).BlockDeviceMappings.Single().Ebs.VolumeId;
            var read = new byte[content.Length];
            await using var volume = File.OpenRead(emulator.Emulator.Admin.GetVolumePath(TestEmulator.Region, root));
            await volume.ReadExactlyAsync(read);
            Assert.Multiple(() =>
            {
                Assert.That(read, Is.EqualTo(content));
                Assert.That(volume.Length, Is.EqualTo(1L << 30));
            });
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public async Task DescribeInstanceTypes_ForTheProvider_HasFlavorAndLimits()
    {
        await using var emulator = await TestEmulator.StartAsync();

        var response = await emulator.Ec2.DescribeInstanceTypesAsync(new DescribeInstanceTypesRequest { InstanceTypes = ["m5.xlarge"] });

        var type = response.InstanceTypes.Single();
        Assert.Multiple(() =>
        {
            Assert.That(type.VCpuInfo.DefaultVCpus, Is.EqualTo(4));
            Assert.That(type.MemoryInfo.SizeInMiB, Is.EqualTo(16_384));
            Assert.That(type.EbsInfo.EncryptionSupport.Value, Is.EqualTo("supported"));
            Assert.That(type.SupportedBootModes, Is.EquivalentTo(new[] { "legacy-bios", "uefi" }));
        });
    }
}
