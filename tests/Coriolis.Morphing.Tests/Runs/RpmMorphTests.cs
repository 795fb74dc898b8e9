using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Runs;

/// <summary>A guest with a real rpm database, and packages that rpmbuild made.</summary>
public sealed class RpmMorphTests : GuestDiskTests
{
    private const string Spec = """
        Name: cloud-init
        Version: 23.4
        Release: 1
        Summary: Stands for the real one
        License: MIT
        BuildArch: noarch
        %description
        As the summary says.
        %install
        mkdir -p %{buildroot}/etc/cloud %{buildroot}/usr/bin
        echo datasource > %{buildroot}/etc/cloud/cloud.cfg
        echo python > %{buildroot}/usr/bin/cloud-init
        %files
        %config(noreplace) /etc/cloud/cloud.cfg
        /usr/bin/cloud-init
        %preun
        echo "$1" > /var/log/cloud-init-preun
        test ! -e /etc/cloud/preun-fails
        %package -n bash
        Summary: The shell of package scripts
        Provides: /bin/sh
        %description -n bash
        As the summary says.
        %files -n bash
        %package -n cloud-init-addon
        Summary: A dependent that nobody needs
        Requires: cloud-init
        %description -n cloud-init-addon
        As the summary says.
        %files -n cloud-init-addon
        %package -n openssh-server
        Summary: A dependent without which nobody gets in
        Requires: amazon-ssm-agent
        %description -n openssh-server
        As the summary says.
        %files -n openssh-server
        %package -n amazon-ssm-agent
        Summary: An agent of EC2
        %description -n amazon-ssm-agent
        As the summary says.
        %files -n amazon-ssm-agent
        %package -n amazon-cloudwatch-agent
        Summary: Another agent of EC2
        %description -n amazon-cloudwatch-agent
        As the summary says.
        %files -n amazon-cloudwatch-agent
        %package -n metrics-dashboard
        Summary: A dependent of an agent
        Requires: amazon-cloudwatch-agent
        %description -n metrics-dashboard
        As the summary says.
        %files -n metrics-dashboard
        """;

    private protected override void PrepareGuest(string directory)
    {
        Machine.NeedsProgram("rpmbuild");
        using var build = new TemporaryDirectory();
        build.Write("guest.spec", Spec);
        Machine.Run("rpmbuild", "-bb", "--quiet", "--define", $"_topdir {build.Path}", build.Below("guest.spec"));

        Directory.Delete(Path.Combine(directory, "var/lib/dpkg"), recursive: true);
        Directory.Delete(Path.Combine(directory, "etc/cloud"), recursive: true);
        File.Delete(Path.Combine(directory, "usr/bin/cloud-init"));
        File.Delete(Path.Combine(directory, "etc/os-release"));
        File.WriteAllText(Path.Combine(directory, "etc/os-release"), "ID=rocky\nVERSION_ID=9.4\nPRETTY_NAME=\"Rocky Linux 9.4\"\nID_LIKE=\"rhel fedora\"\n");
        var scripts = Path.Combine(directory, "etc/sysconfig/network-scripts");
        Directory.CreateDirectory(scripts);
        File.WriteAllText(Path.Combine(scripts, "ifcfg-eth0"), "# Created by cloud-init automatically, do not edit.\nDEVICE=eth0\nHWADDR=0a:00:00:00:00:01\nBOOTPROTO=dhcp\n");
        var packages = Path.Combine(directory, "packages");
        Directory.CreateDirectory(packages);
        foreach (var package in Directory.GetFiles(build.Below("RPMS/noarch"), "*.rpm"))
            File.Copy(package, Path.Combine(packages, Path.GetFileName(package)));
        Machine.Run("chroot", directory, "sh", "-c", "rpm --install --quiet /packages/*.rpm && rm -r /packages");
    }

    [Test]
    public async Task MorphAsync_CloudInitWithDependent_ErasesBothWithTheirScripts()
    {
        var result = await MorphAsync();

        var installed = DiskFile.Inspect(Disk, "chroot . rpm --query --all --queryformat '%{NAME}\\n' | sort", writable: true).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(installed, Is.EqualTo((string[])["amazon-ssm-agent", "bash", "openssh-server"]));
        Assert.That(DiskFile.Inspect(Disk, "cat var/log/cloud-init-preun; ls -d etc/cloud usr/bin/cloud-init 2>/dev/null || true"), Is.EqualTo("0\n"));
        Assert.That(result.Os.PackageSystem, Is.EqualTo(GuestPackageSystem.Rpm));
    }

    [Test]
    public async Task MorphAsync_ScriptOfCloudInitFails_KeepsItsDependentTooAndDisablesIt()
    {
        DiskFile.Inspect(Disk, "touch etc/cloud/preun-fails", writable: true);

        var result = await MorphAsync();

        Assert.That(
            result.Morphs.SelectMany(morph => morph.Warnings),
            Has.Some.StartsWith("cloud-init was disabled, not removed: rpm of the guest cannot remove cloud-init, cloud-init-addon: "));
        Assert.That(
            DiskFile.Inspect(Disk, "ls etc/cloud/cloud-init.disabled usr/bin/cloud-init var/log/cloud-init-preun 2>/dev/null || true"),
            Is.EqualTo("etc/cloud/cloud-init.disabled\nusr/bin/cloud-init\n"));
        Assert.That(DiskFile.Inspect(Disk, "chroot . rpm --query cloud-init cloud-init-addon amazon-cloudwatch-agent || true", writable: true), Is.EqualTo(
            "cloud-init-23.4-1.noarch\ncloud-init-addon-23.4-1.noarch\npackage amazon-cloudwatch-agent is not installed\n"));
    }

    [Test]
    public async Task MorphAsync_AgentThatSshNeeds_IsKeptWithAWarningAndDisabled()
    {
        DiskFile.Inspect(Disk, "mkdir -p etc/systemd/system/multi-user.target.wants; ln -s /usr/lib/systemd/system/amazon-ssm-agent.service etc/systemd/system/multi-user.target.wants/", writable: true);

        var result = await MorphAsync();

        Assert.That(DiskFile.Inspect(Disk, "ls etc/systemd/system/multi-user.target.wants | grep ssm || true"), Is.Empty);
        Assert.That(result.Morphs.SelectMany(morph => morph.Changes), Has.Some.Matches<MorphChange>(change => change is { Kind: MorphChangeKind.ServiceDisabled, Subject: "amazon-ssm-agent" }));

        Assert.That(result.Morphs.SelectMany(morph => morph.Warnings), Has.Some.Contains("amazon-ssm-agent").And.Contains("openssh-server"));
    }

    [Test]
    public async Task MorphAsync_IfcfgOfCloudInit_AsksForDhcpWithoutTheOldAddress()
    {
        await MorphAsync();

        var card = DiskFile.Inspect(Disk, "cat etc/sysconfig/network-scripts/ifcfg-eth0");
        Assert.That(card, Does.Contain("DEVICE=eth0\n").And.Contain("BOOTPROTO=dhcp\n").And.Not.Contain("HWADDR"));
    }

    [TestCase("broken")]
    [TestCase("")]
    public async Task MorphAsync_BrokenDatabase_DisablesInsteadOfRemoving(string content)
    {
        DiskFile.Inspect(Disk, $"for f in $(find var/lib/rpm root/.rpmdb -type f 2>/dev/null); do echo {content} > $f; done", writable: true);

        var result = await MorphAsync();

        Assert.That(result.Morphs.SelectMany(morph => morph.Warnings), Has.Some.Contains("disabled, not removed"));
        Assert.That(DiskFile.Inspect(Disk, "ls etc/cloud/cloud-init.disabled"), Is.Not.Empty);
    }

    [Test]
    public async Task MorphAsync_ProgramThatNoPackageHolds_IsDisabled()
    {
        DiskFile.Inspect(Disk, "chroot . rpm --erase --justdb --noscripts cloud-init-addon cloud-init", writable: true);

        var result = await MorphAsync();

        Assert.That(
            result.Morphs.SelectMany(morph => morph.Warnings),
            Has.Some.EqualTo("cloud-init was disabled, not removed: no package of the guest holds /usr/bin/cloud-init."));
        Assert.That(
            DiskFile.Inspect(Disk, "ls etc/cloud/cloud-init.disabled usr/bin/cloud-init"),
            Is.EqualTo("etc/cloud/cloud-init.disabled\nusr/bin/cloud-init\n"));
    }
}
