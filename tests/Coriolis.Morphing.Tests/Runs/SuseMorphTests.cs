using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Runs;

/// <summary>A guest with the rpm database where SUSE has it, and with the real zypper.</summary>
public sealed class SuseMorphTests : GuestDiskTests
{
    private const string Spec = """
        Name: cloud-init
        Version: 23.3
        Release: 1
        Summary: Stands for the real one
        License: MIT
        BuildArch: noarch
        Requires: cloud-init-config-suse
        %description
        As the summary says.
        %install
        mkdir -p %{buildroot}/etc/cloud %{buildroot}/usr/bin
        echo suse > %{buildroot}/etc/cloud/cloud.cfg
        echo python > %{buildroot}/usr/bin/cloud-init
        %files
        /usr/bin/cloud-init
        %package config-suse
        Summary: Its configuration
        Requires: cloud-init
        %description config-suse
        As the summary says.
        %files config-suse
        %config(noreplace) /etc/cloud/cloud.cfg
        %package -n wicked
        Summary: What configures network cards
        %description -n wicked
        As the summary says.
        %files -n wicked
        """;

    private protected override string BaseGuest => DebianTools.Root;

    private protected override void PrepareGuest(string directory)
    {
        Machine.NeedsProgram("rpmbuild");
        using var build = new TemporaryDirectory();
        build.Write("guest.spec", Spec);
        Machine.Run("rpmbuild", "-bb", "--quiet", "--define", $"_topdir {build.Path}", build.Below("guest.spec"));

        foreach (var folder in (string[])["var/lib/dpkg", "etc/cloud"])
            Directory.Delete(Path.Combine(directory, folder), recursive: true);
        foreach (var file in (string[])["usr/bin/cloud-init", "etc/os-release"])
            File.Delete(Path.Combine(directory, file));
        File.WriteAllText(Path.Combine(directory, "etc/os-release"), "ID=sles\nVERSION_ID=15.6\nPRETTY_NAME=\"SUSE Linux Enterprise Server 15 SP6\"\nID_LIKE=\"suse\"\n");
        Directory.CreateDirectory(Path.Combine(directory, "usr/lib/sysimage/rpm"));
        Directory.Delete(Path.Combine(directory, "var/lib/rpm"), recursive: true);
        File.CreateSymbolicLink(Path.Combine(directory, "var/lib/rpm"), "../../usr/lib/sysimage/rpm");
        Directory.CreateDirectory(Path.Combine(directory, "etc/rpm"));
        File.WriteAllText(Path.Combine(directory, "etc/rpm/macros"), "%_dbpath /usr/lib/sysimage/rpm\n");
        File.Delete(Path.Combine(directory, "etc/systemd/system/multi-user.target.wants/NetworkManager.service"));
        File.Delete(Path.Combine(directory, "etc/systemd/system/network-online.target.wants/NetworkManager-wait-online.service"));
        Directory.CreateDirectory(Path.Combine(directory, "etc/sysconfig/network"));
        File.WriteAllText(
            Path.Combine(directory, "etc/sysconfig/network/ifcfg-eth0"),
            "# Created by cloud-init automatically, do not edit.\n#\nBOOTPROTO=dhcp4\nLLADDR=0a:1b:2c:3d:4e:01\nSTARTMODE=auto\n");
        var packages = Path.Combine(directory, "packages");
        Directory.CreateDirectory(packages);
        foreach (var package in Directory.GetFiles(build.Below("RPMS/noarch"), "*.rpm"))
            File.Copy(package, Path.Combine(packages, Path.GetFileName(package)));
        Machine.Run("chroot", directory, "sh", "-c", "rpm --install --quiet /packages/*.rpm && rm -r /packages");
    }

    [Test]
    public async Task MorphAsync_CloudInitAndItsConfiguration_AreGoneForZypperToo()
    {
        await MorphAsync();

        var installed = DiskFile.Inspect(Disk, "chroot . zypper --non-interactive --no-refresh search --installed-only --type package || true", writable: true);
        Assert.That(installed, Does.Contain("wicked").And.Not.Contain("cloud-init"));
        Assert.That(DiskFile.Inspect(Disk, "cat etc/sysconfig/network/ifcfg-eth0; ls -d etc/cloud usr/bin/cloud-init 2>/dev/null || true"), Does.Contain("BOOTPROTO='dhcp'").And.Not.Contain("LLADDR").And.Not.Contain("/cloud"));
    }
}
