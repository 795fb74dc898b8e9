using System.Globalization;
using Coriolis.Morphing.Disks;
using Coriolis.Morphing.Lvm;
using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Containers;

/// <summary>Volume groups that LVM's own tools made. Volumes in one piece need nothing of the kernel.</summary>
public sealed class LogicalVolumeTests
{
    private const long MiB = 1024 * 1024;
    private const int Renames = 40;
    private const long PartitionOffset = 2 * MiB;

    private ContainerDisk _disks = null!;

    [SetUp]
    public void Begin()
    {
        Machine.NeedsRoot();
        Machine.NeedsProgram("lvm");
        _disks = new();
    }

    [TearDown]
    public void End() => _disks?.Dispose();

    [Test]
    public async Task MorphAsync_RootAndHomeAreLogicalVolumes_ChangesBothWhereLvmSaysTheyAre()
    {
        var disk = _disks.Create("disk.raw", 512);
        DiskFile.WriteTable(disk, "label: gpt\nsize=1MiB\ntype=lvm\n");
        var places = MakeGroup(disk, "vg-0", ("root", 96, _disks.CreateRoot("/dev/mapper/vg--0-home /home ext4 defaults 0 2\n")), ("home", 64, _disks.CreateRoot()));

        var result = await _disks.Morphing.MorphAsync(new() { Disks = [disk] });

        Assert.That(result.Warnings, Is.Empty);
        Assert.That(ContainerDisk.Inspect(disk, "cat etc/morphed", places["root"]), Is.EqualTo("yes"));
        Assert.That(ContainerDisk.Inspect(disk, "cat morphed", places["home"]), Is.EqualTo("yes"));
        Assert.That(ContainerDisk.Leftovers(disk), Is.Empty);
    }

    [Test]
    public async Task MorphAsync_MetadataHasBeenRewrittenManyTimes_ReadsTheLast()
    {
        var disk = _disks.Create("disk.raw", 512);
        DiskFile.WriteTable(disk, "label: gpt\nsize=1MiB\ntype=lvm\n");
        var places = MakeGroup(disk, "before", ("root", 96, _disks.CreateRoot("/dev/last/home /home ext4 defaults 0 2\n")), ("home", 64, _disks.CreateRoot()));
        var device = _disks.Attach(disk, PartitionOffset, 509 * MiB);

        // The ring of 64 KiB is written around its end: each change adds a copy of about 2 KiB.
        for (var name = 0; name < Renames; name++)
        {
            var next = name == Renames - 1 ? "last" : $"vg{name + 1}";
            ContainerDisk.Lvm([device], "vgrename", name == 0 ? "before" : $"vg{name}", next);
            using var image = DiskImage.Open(disk, readOnly: true);
            var member = PhysicalVolume.Read(image, new() { DiskPath = disk, Offset = PartitionOffset, Length = 509 * MiB, Type = "LVM2_member" });
            Assert.That(VolumeGroups.Read([member], []).Select(volume => volume.FullName), Is.EqualTo((string[])[next + "/root", next + "/home"]));
        }

        Machine.Run("losetup", "--detach", device);

        var result = await _disks.Morphing.MorphAsync(new() { Disks = [disk] });

        Assert.That(result.Warnings, Is.Empty);
        Assert.That(ContainerDisk.Inspect(disk, "cat morphed", places["home"]), Is.EqualTo("yes"));
    }

    [Test]
    public async Task MorphAsync_PhysicalVolumeIsMissing_SaysWhichAndUsesTheOthers()
    {
        var (first, second) = (_disks.Create("first.raw", 128), _disks.Create("second.raw", 128));
        string[] devices = [_disks.Attach(first), _disks.Attach(second)];
        ContainerDisk.Lvm(devices, ["pvcreate", "--yes", .. devices]);
        ContainerDisk.Lvm(devices, ["vgcreate", "group", .. devices]);
        ContainerDisk.Lvm(devices, "lvcreate", "-an", "-Zn", "-Wn", "--name", "data", "--extents", "10", "group", devices[1]);
        foreach (var device in devices)
            Machine.Run("losetup", "--detach", device);

        var result = await _disks.Morphing.MorphAsync(new() { Disks = [first] });

        Assert.That(result.Os.Type, Is.EqualTo(Coriolis.Providers.OsType.Other));
        Assert.That(result.Warnings, Has.Some.Contains("group/data").And.Contains("on none of the disks"));
    }

    [Test]
    public async Task MorphAsync_MetadataIsDamaged_SaysSoAndChangesNothing()
    {
        var disk = _disks.Create("disk.raw", 512);
        DiskFile.WriteTable(disk, "label: gpt\nsize=1MiB\ntype=lvm\n");
        MakeGroup(disk, "vg", ("root", 96, _disks.CreateRoot()));
        using (var file = File.OpenHandle(disk, access: FileAccess.ReadWrite))
            RandomAccess.Write(file, new byte[16], PartitionOffset + 4096);
        var before = Machine.Run("sha256sum", disk);

        var result = await _disks.Morphing.MorphAsync(new() { Disks = [disk] });

        Assert.That(result.Warnings, Has.Some.Contains("metadata area is damaged"));
        Assert.That(Machine.Run("sha256sum", disk), Is.EqualTo(before));
    }

    /// <summary>Makes volumes with the files of directories, and gives where on the disk they are.</summary>
    private Dictionary<string, long> MakeGroup(string disk, string group, params (string Name, int SizeMiB, string Files)[] volumes)
    {
        var device = _disks.Attach(disk, PartitionOffset, new FileInfo(disk).Length - PartitionOffset - MiB);
        string[] devices = [device];
        ContainerDisk.Lvm(devices, "pvcreate", "--yes", "--metadatasize", "64k", device);
        ContainerDisk.Lvm(devices, "vgcreate", group, device);
        var places = new Dictionary<string, long>();
        foreach (var (name, size, files) in volumes)
        {
            ContainerDisk.Lvm(devices, "lvcreate", "-an", "-Zn", "-Wn", "--name", name, "--size", $"{size}m", group);
            var start = Number(ContainerDisk.Lvm(devices, "pvs", "--noheadings", "--units", "b", "--nosuffix", "--options", "pe_start", device));
            var extent = Number(ContainerDisk.Lvm(devices, "lvs", "--noheadings", "--options", "seg_pe_ranges", $"{group}/{name}").Split(':')[^1].Split('-')[0]);
            places[name] = PartitionOffset + start + (extent * 4 * MiB);

            var content = _disks.Create(name + ".ext4", size);
            Machine.Run("mkfs.ext4", "-q", "-d", files, content);
            DiskFile.CopyInto(disk, content, places[name]);
        }

        Machine.Run("losetup", "--detach", device);
        return places;
    }

    // Warnings about what the tool cannot do on this machine come first.
    private static long Number(string output) => long.Parse(output.Trim().Split('\n')[^1], CultureInfo.InvariantCulture);
}
