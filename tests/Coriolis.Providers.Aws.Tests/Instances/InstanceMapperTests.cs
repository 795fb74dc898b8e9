using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Tests.Instances;

public sealed class InstanceMapperTests
{
    [TestCase("uefi", null, null, "x86_64", FirmwareType.Uefi)]
    [TestCase("legacy-bios", "uefi", "uefi", "x86_64", FirmwareType.Bios)]
    [TestCase(null, "uefi", null, "x86_64", FirmwareType.Uefi)]
    [TestCase(null, "uefi-preferred", null, "x86_64", FirmwareType.Uefi)]
    [TestCase(null, null, "uefi", "x86_64", FirmwareType.Uefi)]
    [TestCase(null, null, null, "x86_64", FirmwareType.Bios)]
    [TestCase(null, null, null, "arm64", FirmwareType.Uefi)]
    public void Map_BootModes_GiveTheFirmware(string? current, string? mode, string? image, string architecture, FirmwareType expected)
    {
        var instance = NewInstance();
        instance.CurrentInstanceBootMode = current;
        instance.BootMode = mode;
        instance.Architecture = architecture;

        var mapped = Map(instance, image is null ? null : new Image { BootMode = image });

        Assert.That(mapped.Firmware, Is.EqualTo(expected));
    }

    [TestCase(null, "Linux/UNIX", "x86_64", OsType.Linux)]
    [TestCase(null, "Red Hat Enterprise Linux", "x86_64", OsType.Linux)]
    [TestCase("windows", "Windows", "x86_64", OsType.Windows)]
    [TestCase(null, "Windows with SQL Server Standard", "x86_64", OsType.Windows)]
    [TestCase(null, "Linux/UNIX", "arm64_mac", OsType.Other)]
    public void Map_Platform_GivesTheOsType(string? platform, string details, string architecture, OsType expected)
    {
        var instance = NewInstance();
        instance.Platform = platform;
        instance.PlatformDetails = details;
        instance.Architecture = architecture;

        Assert.That(Map(instance).OsType, Is.EqualTo(expected));
    }

    [Test]
    public void Map_Nics_AreOrderedByDeviceIndexWithAllAddressesPrimaryFirst()
    {
        var instance = NewInstance();
        instance.NetworkInterfaces =
        [
            new InstanceNetworkInterface { NetworkInterfaceId = "eni-2", VpcId = "vpc-1", MacAddress = "0A:00:00:00:00:02", Attachment = new() { DeviceIndex = 1 } },
            new InstanceNetworkInterface
            {
                NetworkInterfaceId = "eni-1",
                VpcId = "vpc-1",
                MacAddress = "0A:00:00:00:00:01",
                Attachment = new() { DeviceIndex = 0 },
                PrivateIpAddresses = [new() { PrivateIpAddress = "10.0.0.9", Primary = false }, new() { PrivateIpAddress = "10.0.0.4", Primary = true }],
                Ipv6Addresses = [new() { Ipv6Address = "fd00::4" }],
                Groups = [new() { GroupId = "sg-1" }],
            },
        ];

        var nics = Map(instance).Nics;

        Assert.Multiple(() =>
        {
            Assert.That(nics.Select(n => n.Id), Is.EqualTo(new[] { "eni-1", "eni-2" }));
            Assert.That(nics[0].IpAddresses, Is.EqualTo(new[] { "10.0.0.4", "10.0.0.9", "fd00::4" }));
            Assert.That(nics[0].MacAddress, Is.EqualTo("0a:00:00:00:00:01"));
            Assert.That(nics[0].SecurityGroupIds, Is.EqualTo(new[] { "sg-1" }));
        });
    }

    [Test]
    public void Map_Disks_PutTheRootFirstAndInstanceStoreLast()
    {
        var instance = NewInstance();
        instance.RootDeviceName = "/dev/xvdf";
        var names = new[] { "/dev/xvdaa", "/dev/xvdf", "/dev/xvdb" };
        instance.BlockDeviceMappings =
            [.. names.Select(name => new InstanceBlockDeviceMapping { DeviceName = name, Ebs = new() { VolumeId = $"vol-{name[^1]}{name.Length}", DeleteOnTermination = name == "/dev/xvdf" } })];
        var volumes = instance.BlockDeviceMappings.ToDictionary(
            m => m.Ebs.VolumeId, m => new Volume { VolumeId = m.Ebs.VolumeId, Size = 3, VolumeType = VolumeType.Gp3, Encrypted = true, KmsKeyId = "arn:aws:kms:key" });
        var type = NewType();
        type.InstanceStorageInfo = new() { Disks = [new() { Count = 2, SizeInGB = 75 }] };
        var image = new Image { BlockDeviceMappings = [new() { VirtualName = "ephemeral1", DeviceName = "/dev/sdc" }] };

        var disks = DiskMapper.Map(instance, volumes, new Dictionary<string, IReadOnlyList<string>> { ["vol-b9"] = ["code"] }, type, image);

        Assert.Multiple(() =>
        {
            Assert.That(disks.Select(d => d.DeviceName), Is.EqualTo(new[] { "/dev/xvdf", "/dev/xvdb", "/dev/xvdaa", "ephemeral0", "/dev/sdc" }));
            Assert.That(disks.Select(d => d.IsBoot), Is.EqualTo(new[] { true, false, false, false, false }));
            Assert.That(disks.Select(d => d.Kind).Skip(3), Has.All.EqualTo(DiskKind.InstanceStore));
            Assert.That(disks[0], Has.Property("SizeBytes").EqualTo(3L << 30).And.Property("DeleteOnTermination").True.And.Property("KmsKeyId").EqualTo("arn:aws:kms:key"));
            Assert.That(disks[1].ProductCodes, Is.EqualTo(new[] { "code" }));
        });
    }

    private static SourceInstance Map(Instance instance, Image? image = null) =>
        InstanceMapper.Map("eu-west-1", "123456789012", instance, NewType(), image, []);

    private static Instance NewInstance() => new()
    {
        InstanceId = "i-0123456789abcdef0",
        InstanceType = InstanceType.T3Medium,
        Architecture = ArchitectureValues.X86_64,
        State = new InstanceState { Name = InstanceStateName.Running },
    };

    private static InstanceTypeInfo NewType() => new()
    {
        InstanceType = InstanceType.T3Medium,
        VCpuInfo = new() { DefaultVCpus = 2 },
        MemoryInfo = new() { SizeInMiB = 4096 },
        SupportedBootModes = ["legacy-bios", "uefi"],
    };
}
