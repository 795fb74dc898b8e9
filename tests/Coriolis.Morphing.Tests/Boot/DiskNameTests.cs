using Coriolis.Morphing.Runs;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Boot;

/// <summary>What becomes of the names that a guest has for its disks, in fstab and on the kernel command line.</summary>
public sealed class DiskNameTests
{
    private const string DataUuid = "5a9f0f0c-4a2b-4d62-9c1e-1f2e3d4c5b6a";

    private SmallGuest _guest = null!;

    [SetUp]
    public void CreateGuest() => _guest = new();

    [TearDown]
    public void DeleteGuest() => _guest?.Dispose();

    [TestCase("/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0fedcba9876543210-part1")]
    [TestCase("/dev/disk/by-id/nvme-nvme.1d0f-766f6c30-416d617a6f6e-00000001")]
    [TestCase("/dev/disk/by-path/pci-0000:00:1f.0-nvme-1")]
    [TestCase("/dev/disk/by-uuid/" + DataUuid)]
    [TestCase("/dev/disk/by-label/data")]
    [TestCase("PARTUUID=" + DataUuid)]
    [TestCase("PARTLABEL=data")]
    [TestCase("/dev/vg0/data")]
    [TestCase("/dev/mapper/vg0-data")]
    [TestCase("/dev/md127")]
    public async Task MorphAsync_FstabNamesADiskThatIsNotThere_DoesNotStopTheBoot(string device)
    {
        var result = await MorphAsync($"{device} /data ext4 defaults 0 2\n");

        Assert.That(Fstab(), Is.EqualTo($"{device} /data ext4 defaults,nofail 0 2\n"));
        Assert.That(result.Morphs.SelectMany(morph => morph.Warnings), Has.Some.Contains($"{device} for /data"));
    }

    [TestCase("PARTUUID=" + DataUuid + " /data ntfs defaults 0 2\n")]
    [TestCase("/dev/vg0/data /data ext4 defaults,noauto 0 2\n")]
    [TestCase("tmpfs /data tmpfs defaults 0 0\n")]
    public async Task MorphAsync_FstabLineThatDoesNotStopTheBootOrMayBeThere_Stays(string line)
    {
        await MorphAsync(line);

        Assert.That(Fstab(), Is.EqualTo(line));
    }

    [Test]
    public async Task MorphAsync_FstabNamesTheEbsVolumeOfAReplica_IsThatVolume()
    {
        var result = await MorphAsync(
            "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0 /data ext4 defaults 0 2\n",
            MakeData("other.raw"), MakeData("vol-0123456789abcdef0.raw", DataUuid));

        Assert.That(Fstab(), Is.EqualTo($"UUID={DataUuid} /data ext4 defaults 0 2\n"));
        Assert.That(result.Warnings, Is.Empty);
    }

    [TestCase("/dev/xvdf")]
    [TestCase("/dev/disk/by-path/pci-0000:00:1f.0-nvme-1")]
    public async Task MorphAsync_OneLineAndOneVolumeAreLeft_BelongTogether(string device)
    {
        var result = await MorphAsync($"{device} /data ext3 defaults 0 2\n", MakeData("data.raw", DataUuid));

        Assert.That(Fstab(), Is.EqualTo($"UUID={DataUuid} /data ext3 defaults 0 2\n"));
        Assert.That(result.Warnings, Has.Exactly(1).Contains($"{device} for /data was taken for {_guest.Below("data.raw")}"));
    }

    [Test]
    public async Task MorphAsync_TwoLinesAndTwoVolumesAreLeft_AreNotGuessed()
    {
        const string lines = "/dev/xvdf /data ext4 defaults{0} 0 2\n/dev/xvdg /home ext4 defaults{0} 0 2\n";

        await MorphAsync(string.Format(null, lines, ""), MakeData("data.raw"), MakeData("home.raw"));

        Assert.That(Fstab(), Is.EqualTo(string.Format(null, lines, ",nofail")));
    }

    [Test]
    public async Task MorphAsync_VolumeIsFoundByTheOrderOfDisks_IsMentioned()
    {
        var result = await MorphAsync(
            "/dev/nvme1n1 /data ext4 defaults 0 2\n/dev/nvme2n1 /home ext4 defaults 0 2\n", MakeData("data.raw", DataUuid), MakeData("home.raw"));

        Assert.That(Fstab(), Does.StartWith($"UUID={DataUuid} /data ext4 defaults 0 2\nUUID="));
        Assert.That(result.Warnings, Has.Exactly(2).Contains("by the order in which the disks were named"));
    }

    [Test]
    public async Task MorphAsync_VolumeInTheOrderOfDisksIsOfAnotherType_IsNotTakenForIt()
    {
        await MorphAsync("/dev/xvdb /data xfs defaults 0 2\n/dev/xvdf /home ext4 defaults 0 2\n", MakeData("home.raw", DataUuid));

        Assert.That(Fstab(), Is.EqualTo($"/dev/xvdb /data xfs defaults,nofail 0 2\nUUID={DataUuid} /home ext4 defaults 0 2\n"));
    }

    [TestCase("/dev/xvdb /data ext4 defaults{0} 0 2\nUUID=" + DataUuid + " /home ext4 defaults 0 2\n")]
    [TestCase("/dev/xvdf /data ext4 defaults{0} 0 2\nUUID=" + DataUuid + " /home ext4 defaults,noauto 0 2\n")]
    public async Task MorphAsync_VolumeIsAnotherLinesByItsName_IsNotTakenByOneOfAPlace(string lines)
    {
        await MorphAsync(string.Format(null, lines, ""), MakeData("data.raw", DataUuid));

        Assert.That(Fstab(), Is.EqualTo(string.Format(null, lines, ",nofail")));
    }

    [TestCase("/usr")]
    [TestCase("/var")]
    public void MorphAsync_PartOfTheSystemIsOnNoneOfTheDisks_IsRefusedUnchanged(string mountPoint)
    {
        _guest.Files.Write("etc/fstab", $"/dev/xvdf {mountPoint} ext4 defaults 0 2\n");
        _guest.MakeDisk();
        var before = DiskFile.Snapshot(_guest.Disk);

        Assert.That(async () => await _guest.MorphAsync(), Throws.TypeOf<GuestException>().With.Message.Contains($"/dev/xvdf for {mountPoint}"));

        Assert.That(DiskFile.Snapshot(_guest.Disk), Is.EqualTo(before));
    }

    [TestCase("/home/")]
    [TestCase("//home/.")]
    public async Task MorphAsync_MountPointIsWrittenInAnotherWay_ChangesAndRestoresTheRightFileSystem(string mountPoint)
    {
        var data = MakeData("home.raw", DataUuid);
        DiskFile.Inspect(_guest.Below("home.raw"), "echo old > morphed", writable: true, offset: 0);
        _guest.Files.Write("etc/fstab", $"UUID={DataUuid} {mountPoint} ext4 defaults 0 2\n");
        _guest.MakeDisk();

        var result = await SmallGuest.Marking.MorphAsync(new() { Disks = [_guest.Disk, data] });
        Assert.That(DiskFile.Inspect(data, "cat morphed", offset: 0), Is.EqualTo("yes"));
        Assert.That(DiskFile.Inspect(_guest.Disk, "ls home"), Is.Empty);
        await SmallGuest.Marking.UndoAsync(result.ReportPath!);

        Assert.That(DiskFile.Inspect(data, "cat morphed", offset: 0), Is.EqualTo("old\n"));
    }

    [Test]
    public async Task MorphAsync_MountPointClimbs_IsLeftOutAndMentioned()
    {
        _guest.Files.Write("etc/fstab", $"UUID={DataUuid} /home/../var ext4 defaults 0 2\n");
        _guest.MakeDisk();

        var result = await SmallGuest.Marking.MorphAsync(new() { Disks = [_guest.Disk, MakeData("data.raw", DataUuid)] });

        Assert.That(result.Warnings, Has.Exactly(1).Contains("/home/../var"));
        Assert.That(DiskFile.Inspect(_guest.Disk, "cat home/morphed"), Is.EqualTo("yes"));
    }

    [Test]
    public async Task MorphAsync_PartitionBearsTheSignsOfTwoFileSystems_IsLeftOutAndNamed()
    {
        Machine.NeedsProgram("mkfs.xfs");
        var data = MakeData("data.raw");
        Machine.Run("sh", "-ec", "truncate --size 512M \"$0.xfs\"; mkfs.xfs -q \"$0.xfs\"; dd if=\"$0.xfs\" of=\"$0\" bs=512 count=1 conv=notrunc; rm \"$0.xfs\"", data);
        Assume.That(Machine.TryRun("blkid", "--probe", data).ExitCode, Is.EqualTo(8));
        _guest.MakeDisk();
        var before = Machine.Run("sha256sum", data);

        var result = await SmallGuest.Marking.MorphAsync(new() { Disks = [_guest.Disk, data] });

        Assert.That(result.Warnings, Has.Exactly(1).Contains($"What is on {data} cannot be told"));
        Assert.That(DiskFile.Inspect(_guest.Disk, "cat etc/morphed"), Is.EqualTo("yes"));
        Assert.That(Machine.Run("sha256sum", data), Is.EqualTo(before));
    }

    [TestCase("/dev/xvda1")]
    [TestCase("/dev/nvme0n1p1")]
    [TestCase("/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0-part1")]
    public async Task MorphAsync_KernelIsToldANameOfEc2_IsToldTheUuid(string device)
    {
        _guest.Files.Write("boot/initrd.img-6.1", "");
        _guest.Files.Write("boot/grub/grub.cfg", $"\tlinux /boot/vmlinuz-6.1 root={device} ro quiet\n\tset root='hd0,gpt1'\n");
        _guest.Files.Write("etc/default/grub", $"GRUB_CMDLINE_LINUX=\"root={device}\"\n");

        await MorphAsync("");

        var uuid = Machine.Run("blkid", "--probe", "--match-tag", "UUID", "--output", "value", "--offset", $"{DiskFile.RootOffset}", _guest.Disk).Trim();
        Assert.That(
            DiskFile.Inspect(_guest.Disk, "cat boot/grub/grub.cfg etc/default/grub"),
            Is.EqualTo($"\tlinux /boot/vmlinuz-6.1 root=UUID={uuid} ro quiet\n\tset root='hd0,gpt1'\nGRUB_CMDLINE_LINUX=\"root=UUID={uuid}\"\n"));
    }

    [Test]
    public async Task MorphAsync_KernelHasNoInitialRamDisk_KeepsItsRootAndIsReported()
    {
        const string line = "\tlinux /boot/vmlinuz-6.1 root=/dev/xvda1 ro\n";
        _guest.Files.Write("boot/grub/grub.cfg", line);

        var result = await MorphAsync("");

        Assert.That(DiskFile.Inspect(_guest.Disk, "cat boot/grub/grub.cfg"), Is.EqualTo(line));
        Assert.That(result.Morphs.SelectMany(morph => morph.Warnings), Has.Exactly(1).Contains("root=/dev/xvda1"));
    }

    [Test]
    public async Task MorphAsync_LvmMayUseTheDisksOfEc2Only_MayUseAll()
    {
        _guest.Files.Write("etc/lvm/devices/system.devices", "VERSION=1.1.2\nIDTYPE=sys_wwid IDNAME=nvme.1d0f-766f6c30-416d617a6f6e-00000001 DEVNAME=/dev/nvme1n1 PVID=x\n");

        var result = await MorphAsync("");
        Assert.That(DiskFile.Inspect(_guest.Disk, "ls etc/lvm/devices"), Is.Empty);
        Assert.That(result.Morphs.SelectMany(morph => morph.Changes), Has.Some.Matches<MorphChange>(change => change.Subject == "/etc/lvm/devices/system.devices"));
        await _guest.Morphing.UndoAsync(result.ReportPath!);

        Assert.That(DiskFile.Inspect(_guest.Disk, "ls etc/lvm/devices"), Is.EqualTo("system.devices\n"));
    }

    private async Task<GuestMorphResult> MorphAsync(string fstab, params string[] data)
    {
        _guest.Files.Write("etc/fstab", fstab);
        Directory.CreateDirectory(_guest.Files.Below("data"));
        _guest.MakeDisk();
        return await _guest.Morphing.MorphAsync(new() { Disks = [_guest.Disk, .. data] });
    }

    private string Fstab() => DiskFile.Inspect(_guest.Disk, "cat etc/fstab");

    private string MakeData(string name, string uuid = "random")
    {
        var path = _guest.Below(name);
        using (var file = File.Create(path))
            file.SetLength(16 * 1024 * 1024);
        Machine.Run("mkfs.ext4", "-q", "-U", uuid, path);
        return path;
    }
}
