using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Runs;

/// <summary>An Alpine on a disk; what stands for its apk is in <see cref="AlpineGuest"/>.</summary>
public sealed class AlpineMorphTests : GuestDiskTests
{
    private TemporaryDirectory? _base;

    private protected override string BaseGuest
    {
        get
        {
            Machine.NeedsRoot();
            Machine.NeedsProgram("awk");
            _base = new();
            AlpineGuest.Install(_base);
            return _base.Path;
        }
    }

    [OneTimeTearDown]
    public void DeleteBase() => _base?.Dispose();

    private protected override void PrepareGuest(string directory)
    {
        Directory.CreateDirectory(Path.Combine(directory, "etc/network"));
        File.WriteAllText(
            Path.Combine(directory, "etc/network/interfaces"),
            "# This file is generated from information provided by the datasource.  Changes\n# to it will not persist across an instance reboot.  To disable cloud-init's\nauto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n    hwaddress 0a:1b:2c:3d:4e:01\n");
    }

    [Test]
    public async Task MorphAsync_AlpineWithCloudInit_LeavesItsDatabaseWithoutItAndAnAddressForTheNewCard()
    {
        var result = await MorphAsync();

        Assert.That((result.Os.Id, result.Os.PackageSystem), Is.EqualTo(("alpine", GuestPackageSystem.Apk)));
        Assert.That(AlpineGuest.Installed(DiskFile.Inspect(Disk, "cat lib/apk/db/installed")), Is.EqualTo((string[])["alpine-base", "dhcpcd", "openssh"]));
        Assert.That(DiskFile.Inspect(Disk, "cat etc/network/interfaces; ls -d etc/cloud usr/bin/cloud-init 2>/dev/null || true"), Does.Contain("iface eth0 inet dhcp").And.Not.Contain("0a:1b").And.Not.Contain("cloud-init\n"));
    }
}
