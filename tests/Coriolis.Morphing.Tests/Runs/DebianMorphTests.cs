using Coriolis.Morphing.Runs;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;
using Coriolis.Providers.Aws;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Morphing.Tests.Runs;

/// <summary>A real Debian with the real cloud-init on a whole disk, morphed and looked at from outside.</summary>
public sealed class DebianMorphTests
{
    private TemporaryDirectory _directory = null!;
    private ServiceProvider _services = null!;
    private string _pristine = null!;
    private string _disk = null!;

    private GuestMorphing Morphing => _services.GetRequiredService<GuestMorphing>();

    [OneTimeSetUp]
    public void MakeDisk()
    {
        _directory = new();
        _services = new ServiceCollection().AddCoriolisAws().AddCoriolisMorphing().BuildServiceProvider();
        var guest = _directory.Below("guest");
        DebianGuest.CopyTo(guest);
        File.WriteAllText(Path.Combine(guest, "etc/network/interfaces.d/50-cloud-init"), """
            # This file is generated from information provided by the datasource.  Changes
            # to it will not persist across an instance reboot.  To disable cloud-init's
            auto ens5
            iface ens5 inet dhcp

            """);
        File.WriteAllText(Path.Combine(guest, "etc/sudoers.d/90-cloud-init-users"), "admin ALL=(ALL) NOPASSWD:ALL\n");
        Directory.CreateDirectory(Path.Combine(guest, "var/lib/cloud/instances/i-0123456789abcdef0"));
        _pristine = _directory.Below("pristine.raw");
        DiskFile.Create(_pristine, guest);
        Directory.Delete(guest, recursive: true);
    }

    [OneTimeTearDown]
    public async Task RemoveDisk()
    {
        await _services.DisposeAsync();
        _directory.Dispose();
    }

    [SetUp]
    public void CopyDisk()
    {
        _disk = _directory.Below($"{TestContext.CurrentContext.Test.ID}.raw");
        Machine.Run("cp", "--sparse=always", "--reflink=auto", _pristine, _disk);
    }

    [TearDown]
    public void DeleteDisk()
    {
        foreach (var file in Directory.GetFiles(_directory.Path, Path.GetFileName(_disk) + "*"))
            File.Delete(file);
    }

    [Test]
    public async Task MorphAsync_DebianWithCloudInit_LeavesItsPackageDatabaseWithoutIt()
    {
        await Morphing.MorphAsync(new() { Disks = [_disk] });

        var output = DiskFile.Inspect(_disk, """
            chroot . dpkg --audit
            chroot . dpkg-query --show --showformat='${Package}\n' | grep -x -e cloud-init -e openssh-server -e ifupdown
            find etc/cloud var/lib/cloud usr/bin/cloud-init 2>/dev/null || true
            cat etc/network/interfaces.d/*
            """);

        Assert.That(output.Split('\n')[..2], Is.EqualTo((string[])["ifupdown", "openssh-server"]));
        Assert.That(output, Does.Contain("auto /e*=coriolis-dhcp").And.Not.Contain("cloud-init\n").And.Not.Contain("ens5"));
    }

    [Test]
    public async Task MorphAsync_SecondRun_ChangesNothing()
    {
        await Morphing.MorphAsync(new() { Disks = [_disk] });
        var before = DiskFile.Snapshot(_disk);

        var second = await Morphing.MorphAsync(new() { Disks = [_disk] });

        Assert.That(second.Files, Is.Empty);
        Assert.That(DiskFile.Snapshot(_disk), Is.EqualTo(before));
    }

    [Test]
    public async Task MorphAsync_DryRun_WritesNoByte()
    {
        var before = Machine.Run("sha256sum", _disk);

        var result = await Morphing.MorphAsync(new() { Disks = [_disk], DryRun = true });

        Assert.That(result.Morphs.SelectMany(morph => morph.Changes), Has.Some.Matches<MorphChange>(
            change => change is { Kind: MorphChangeKind.PackageRemoved, Subject: "cloud-init" }));
        Assert.That(result.Files, Has.Some.Matches<MorphedFile>(file => file is { Path: "/etc/cloud/cloud.cfg", After: null }));
        Assert.That(Machine.Run("sha256sum", _disk), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(_directory.Path, "*.morph.json*"), Is.Empty);
    }

    [Test]
    public async Task UndoAsync_AfterMorph_RestoresEveryEntryWithItsTimes()
    {
        var before = DiskFile.Snapshot(_disk);
        var result = await Morphing.MorphAsync(new() { Disks = [_disk] });

        await Morphing.UndoAsync(result.ReportPath!);

        Assert.That(DiskFile.Snapshot(_disk), Is.EqualTo(before));
    }

    [Test]
    public async Task UndoAsync_GuestUsedSince_RefusesAndChangesNothing()
    {
        var result = await Morphing.MorphAsync(new() { Disks = [_disk] });
        DiskFile.Inspect(_disk, "echo more >> etc/network/interfaces.d/coriolis-dhcp", writable: true);
        var before = DiskFile.Snapshot(_disk);

        Assert.That(
            async () => await Morphing.UndoAsync(result.ReportPath!),
            Throws.TypeOf<GuestException>().With.Message.Contains("/etc/network/interfaces.d/coriolis-dhcp"));
        Assert.That(DiskFile.Snapshot(_disk), Is.EqualTo(before));
    }

    [Test]
    public async Task MorphAsync_OpensshNeedsCloudInit_DisablesInsteadOfRemoving()
    {
        DiskFile.Inspect(_disk, "sed -i '/^Package: openssh-server$/,/^$/s/^Depends: /Depends: cloud-init, /' var/lib/dpkg/status", writable: true);

        var result = await Morphing.MorphAsync(new() { Disks = [_disk] });

        Assert.That(result.Morphs.Single().Warnings, Has.Some.Contains("openssh-server"));
        Assert.That(DiskFile.Inspect(_disk, "ls etc/cloud/cloud-init.disabled usr/bin/cloud-init; chroot . dpkg --audit").Trim().Split('\n'), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task MorphAsync_DpkgCannotRun_DisablesInsteadOfRemoving()
    {
        DiskFile.Inspect(_disk, "rm usr/bin/dpkg", writable: true);

        var result = await Morphing.MorphAsync(new() { Disks = [_disk] });

        Assert.That(result.Morphs.Single().Warnings, Has.Some.Contains("dpkg does not run"));
        Assert.That(DiskFile.Inspect(_disk, "ls etc/cloud/cloud-init.disabled"), Is.Not.Empty);
    }

    [Test]
    public async Task MorphAsync_AfterRun_LeavesNoLoopDeviceAndNoMount()
    {
        await Morphing.MorphAsync(new() { Disks = [_disk] });

        Assert.That(Machine.Run("losetup", "--associated", _disk), Is.Empty);
        Assert.That(File.ReadAllText("/proc/mounts"), Does.Not.Contain("coriolis-morph"));
    }
}
