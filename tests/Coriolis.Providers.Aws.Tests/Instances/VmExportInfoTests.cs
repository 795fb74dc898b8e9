using System.Text.Json;
using System.Text.Json.Nodes;

namespace Coriolis.Providers.Aws.Tests.Instances;

public sealed class VmExportInfoTests
{
    private static readonly string[] s_required = ["id", "name", "num_cpu", "memory_mb", "os_type", "nested_virtualization", "devices"];
    private static readonly string[] s_replicatedDisks = ["vol-1", "vol-2"];
    private static readonly string[] s_deviceLists = ["disks", "cdroms", "nics", "serial_ports", "floppies", "controllers"];

    private static readonly SourceInstance s_instance = new()
    {
        Id = "i-0123456789abcdef0",
        Name = "web \"1\"",
        Region = "eu-west-1",
        AvailabilityZone = "eu-west-1a",
        AccountId = "123456789012",
        Flavor = new InstanceFlavor("t3.medium", 2, 4096),
        Architecture = "x86_64",
        Firmware = FirmwareType.Uefi,
        OsType = OsType.Linux,
        PowerState = PowerState.Running,
        Disks =
        [
            new SourceDisk { Id = "vol-1", DeviceName = "/dev/xvda", SizeBytes = 8L << 30, IsBoot = true, VolumeType = "gp3" },
            new SourceDisk { Id = "vol-2", DeviceName = "/dev/sdf", SizeBytes = 1L << 30, IsBoot = false, VolumeType = "io2", MultiAttach = true },
            new SourceDisk { Id = "ephemeral0", DeviceName = "/dev/sdg", SizeBytes = 75_000_000_000, IsBoot = false, Kind = DiskKind.InstanceStore },
        ],
        Nics =
        [
            new SourceNic { Id = "eni-1", DeviceIndex = 0, MacAddress = "02:00:00:00:00:01", NetworkId = "vpc-1", SubnetId = "subnet-1", IpAddresses = ["10.0.0.4", "fd00::4"] },
        ],
    };

    [Test]
    public void ToJson_Instance_ConformsToTheSchema()
    {
        var document = JsonNode.Parse(VmExportInfo.ToJson(s_instance))!.AsObject();

        Assert.Multiple(() =>
        {
            Assert.That(document.Select(p => p.Key), Is.SupersetOf(s_required));
            Assert.That(document["devices"]!.AsObject().Select(p => p.Key), Is.EquivalentTo(s_deviceLists));
            Assert.That((string?)document["os_type"], Is.AnyOf("bsd", "linux", "osx", "solaris", "windows", "other"));
            Assert.That((string?)document["firmware_type"], Is.AnyOf("BIOS", "EFI"));
            Assert.That(document["num_cpu"]!.GetValue<int>(), Is.EqualTo(2));
            Assert.That(document["memory_mb"]!.GetValue<int>(), Is.EqualTo(4096));
            Assert.That(document["nested_virtualization"]!.GetValueKind(), Is.EqualTo(JsonValueKind.False));
            Assert.That(document["boot_order"]!.AsArray().Select(b => $"{b!["type"]} {b["id"]}"), Has.One.EqualTo("disk vol-1"));
            foreach (var disk in document["devices"]!["disks"]!.AsArray())
            {
                Assert.That((string?)disk!["format"], Is.AnyOf("vmdk", "raw", "qcow", "qcow2", "vhd", "vhdx"));
                Assert.That((string?)disk["allocation_type"], Is.AnyOf("static", "dynamic"));
                Assert.That(disk["size_bytes"]!.GetValue<long>(), Is.Positive);
            }
        });
    }

    [Test]
    public void ToJson_Instance_MapsEveryDevice()
    {
        var devices = JsonNode.Parse(VmExportInfo.ToJson(s_instance))!["devices"]!;

        Assert.Multiple(() =>
        {
            Assert.That(devices["disks"]!.AsArray().Select(d => (string?)d!["id"]), Is.EqualTo(s_replicatedDisks));
            Assert.That((string?)devices["disks"]![1]!["storage_backend_identifier"], Is.EqualTo("io2"));
            Assert.That((bool)devices["disks"]![1]!["shareable"]!, Is.True);
            Assert.That(
                devices["nics"]![0]!.ToJsonString(),
                Is.EqualTo("""{"id":"eni-1","network_id":"vpc-1","network_name":"vpc-1","mac_address":"02:00:00:00:00:01","subnet_name":"subnet-1","ip_addresses":["10.0.0.4","fd00::4"]}"""));
        });
    }

    [Test]
    public void ToJson_NothingOptionalKnown_LeavesItOut()
    {
        var bare = s_instance with { Nics = [], Disks = [], OsType = OsType.Other, Firmware = FirmwareType.Bios };

        var document = JsonNode.Parse(VmExportInfo.ToJson(bare))!.AsObject();

        Assert.Multiple(() =>
        {
            Assert.That(document.Select(p => p.Key), Does.Not.Contain("hostname").And.Not.Contain("public_ip_address").And.Not.Contain("boot_order"));
            Assert.That((string?)document["os_type"], Is.EqualTo("other"));
            Assert.That((string?)document["firmware_type"], Is.EqualTo("BIOS"));
            Assert.That(document["devices"]!.AsObject().Select(p => p.Value!.AsArray().Count), Has.All.Zero);
        });
    }

    [Test]
    public void Write_Summary_IsOneRowOfTheListing()
    {
        var summary = new InstanceSummary
        {
            Id = "i-1",
            Name = "db",
            FlavorName = "m5.large",
            VCpus = 2,
            MemoryMiB = 8192,
            OsType = OsType.Windows,
            PowerState = PowerState.Stopped,
            AvailabilityZone = "eu-west-1a",
        };
        using var buffer = new MemoryStream();

        using (var writer = new Utf8JsonWriter(buffer))
        {
            VmExportInfo.Write(writer, summary);
        }

        Assert.That(
            System.Text.Encoding.UTF8.GetString(buffer.ToArray()),
            Is.EqualTo("""{"id":"i-1","name":"db","instance_name":"db","num_cpu":2,"memory_mb":8192,"os_type":"windows","flavor_name":"m5.large"}"""));
    }
}
