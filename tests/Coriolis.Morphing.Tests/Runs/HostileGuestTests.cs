using Coriolis.Morphing.Runs;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Runs;

/// <summary>Guests that were prepared to break out, to stall, or to be half changed.</summary>
public sealed class HostileGuestTests
{
    private static readonly string[] s_texts =
    [
        "etc/fstab", "etc/crypttab", "etc/network/interfaces", "etc/default/grub", "etc/sudoers", "etc/netplan/50-cloud-init.yaml",
        "etc/cloud/cloud.cfg", "etc/chrony/chrony.conf", "etc/sudoers.d/90-cloud-init-users", "boot/grub/grub.cfg", "etc/os-release",
    ];

    private SmallGuest _guest = null!;
    private TemporaryDirectory _outside = null!;

    [SetUp]
    public void CreateGuest()
    {
        _guest = new();
        _outside = new();
    }

    [TearDown]
    public void DeleteGuest()
    {
        _guest?.Dispose();
        _outside?.Dispose();
    }

    [Test]
    public async Task MorphAsync_DirectoriesAreLinksOutOfTheGuest_TouchesNothingOutside()
    {
        _outside.Write("cloud.cfg", "host");
        _outside.Write("interfaces.d/50-cloud-init", "# This file is generated from information provided by the datasource. cloud-init\n");
        _outside.Write("90-cloud-init-users", "host");
        _outside.Write("rules.d/70-persistent-net.rules", "host");
        var before = Machine.Run("find", _outside.Path, "-printf", "%p %s %T@ %i\n");
        foreach (var directory in (string[])["etc/cloud", "var/lib/cloud", "etc/network", "etc/netplan", "etc/systemd", "etc/sudoers.d", "etc/udev", "etc/sysconfig"])
        {
            Machine.Run("rm", "-rf", _guest.Files.Below(directory));
            _guest.Files.Link(directory, _outside.Path);
        }

        _guest.MakeDisk();

        await AnswerAsync();

        Assert.That(Machine.Run("find", _outside.Path, "-printf", "%p %s %T@ %i\n"), Is.EqualTo(before));
    }

    [TestCase("loop", TestName = "MorphAsync_LoopsOfLinksWhereFilesBelong_EndsWithAnAnswer")]
    [TestCase("fifo", TestName = "MorphAsync_FifosWhereFilesBelong_EndsWithAnAnswer")]
    [TestCase("zero", TestName = "MorphAsync_DevicesWhereFilesBelong_EndsWithAnAnswer")]
    [TestCase("huge", TestName = "MorphAsync_HugeFilesWhereTextsBelong_EndsWithAnAnswer")]
    public async Task MorphAsync_OddFilesWhereTextsBelong_EndsWithAnAnswer(string kind)
    {
        foreach (var path in s_texts)
            Put(kind, path);
        _guest.MakeDisk();

        await AnswerAsync();
    }

    [TestCase("loop")]
    [TestCase("fifo")]
    [TestCase("zero")]
    [TestCase("huge")]
    public async Task MorphAsync_PackageDatabaseIsNoText_EndsWithAnAnswer(string kind)
    {
        Put(kind, "var/lib/dpkg/status");
        _guest.MakeDisk();

        await AnswerAsync();
    }

    [Test]
    public void MorphAsync_FullFileSystem_IsAsItWas()
    {
        _guest.MakeDisk(sizeMiB: 32);
        DiskFile.Inspect(_guest.Disk, "cp /dev/zero filler 2>/dev/null || true; touch etc/x 2>/dev/null || true;true", writable: true);
        var before = DiskFile.Snapshot(_guest.Disk);
        var large = new GuestMorphing([new LargeFileMorpher()], TimeProvider.System);

        Assert.That(
            async () => await large.MorphAsync(new() { Disks = [_guest.Disk] }),
            Throws.TypeOf<GuestException>().With.Message.Contains("as they were").And.Message.Contains("free space"));
        Assert.That(DiskFile.Snapshot(_guest.Disk), Is.EqualTo(before));
        Assert.That(File.Exists(_guest.Disk + ".morphed"), Is.False);
    }

    [Test]
    public async Task MorphAsync_NoPackageManager_DisablesCloudInit()
    {
        _guest.MakeDisk();

        var result = await _guest.MorphAsync();

        Assert.That(result.Os.PackageSystem, Is.EqualTo(GuestPackageSystem.None));
        Assert.That(DiskFile.Inspect(_guest.Disk, "ls etc/cloud/cloud-init.disabled"), Is.EqualTo("etc/cloud/cloud-init.disabled\n"));
    }

    [Test]
    public void MorphAsync_MountPointIsALink_RefusesToMountOverTheHost()
    {
        _guest.Files.Link("srv", _outside.Path);
        _guest.Files.Write("etc/fstab", "LABEL=data /srv ext4 defaults 0 2\n");
        _guest.MakeDisk();
        var data = _guest.Below("data.raw");
        using (var file = File.Create(data))
            file.SetLength(16 * 1024 * 1024);
        Machine.Run("mkfs.ext4", "-q", "-L", "data", data);

        Assert.That(
            async () => await _guest.Morphing.MorphAsync(new() { Disks = [_guest.Disk, data] }),
            Throws.TypeOf<GuestException>().With.Message.Contains("/srv"));
    }

    private void Put(string kind, string path)
    {
        var file = _guest.Files.Below(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.Delete(file);
        if (kind == "loop")
            File.CreateSymbolicLink(file, Path.GetFileName(file));
        else if (kind == "fifo")
            Machine.Run("mkfifo", file);
        else if (kind == "zero")
            Machine.Run("mknod", file, "c", "1", "5");
        else
            Machine.Run("truncate", "--size", "1T", file);

        // Detection must not give up before the others are looked at.
        _guest.Files.Write("etc/debian_version", "12.5\n");
    }

    // An answer is a result, or an exception that says which file is in the way; never a crash, a stall or a changed host.
    private async Task AnswerAsync()
    {
        try
        {
            var result = await _guest.MorphAsync().WaitAsync(TimeSpan.FromMinutes(2));
            Assert.That(result.Os.Type, Is.EqualTo(OsType.Linux).Or.EqualTo(OsType.Other));
        }
        catch (GuestException failure)
        {
            Assert.That(failure.Message, Does.Contain("/"));
            Assert.That(File.Exists(_guest.Disk + ".morphed"), Is.False, "nothing was changed");
        }

        Assert.That(Machine.Run("losetup", "--associated", _guest.Disk), Is.Empty);
    }

    private sealed class LargeFileMorpher : IOsMorpher
    {
        public string Name => "large";

        public ValueTask<bool> CanMorphAsync(IGuestRoot guest, GuestOs os, CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

        public async Task<MorphReport> MorphAsync(IGuestRoot guest, GuestOs os, MorphRequest request, CancellationToken cancellationToken = default)
        {
            await guest.WriteAsync("/etc/a-small", "small"u8.ToArray(), UnixFileMode.UserRead, cancellationToken);
            await guest.WriteAsync("/etc/b-large", new byte[4 * 1024 * 1024], UnixFileMode.UserRead, cancellationToken);
            return new(Name, [], []);
        }
    }
}
