using Coriolis.Morphing.Runs;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Runs;

/// <summary>A real Debian with the real cloud-init on a whole disk, morphed and looked at from outside.</summary>
public sealed class DebianMorphTests : GuestDiskTests
{
    private protected override void PrepareGuest(string directory) => Prepare(directory);

    internal static void Prepare(string directory)
    {
        File.WriteAllText(Path.Combine(directory, "etc/network/interfaces.d/50-cloud-init"), """
            # This file is generated from information provided by the datasource.  Changes
            # to it will not persist across an instance reboot.  To disable cloud-init's
            auto ens5
            iface ens5 inet dhcp

            """);
        File.WriteAllText(Path.Combine(directory, "etc/sudoers.d/90-cloud-init-users"), "admin ALL=(ALL) NOPASSWD:ALL\n");
        File.WriteAllText(Path.Combine(directory, "etc/fstab"), "# kept\n/dev/xvda2 / ext4 defaults 0 1\n/dev/xvdf /data xfs defaults,noatime 0 2\n"
            + "/dev/xvdb /mnt auto defaults,nofail,x-systemd.requires=cloud-init.service,comment=cloudconfig 0 2\n");
        Directory.CreateDirectory(Path.Combine(directory, "etc/default"));
        File.WriteAllText(Path.Combine(directory, "etc/default/grub"), "GRUB_CMDLINE_LINUX=\"console=tty0 console=hvc0 cloud-init=disabled quiet\"\n");
        Directory.CreateDirectory(Path.Combine(directory, "etc/chrony"));
        File.WriteAllText(Path.Combine(directory, "etc/chrony/chrony.conf"), "server 169.254.169.123 prefer iburst\nmakestep 1 3\n");
        Directory.CreateDirectory(Path.Combine(directory, "var/lib/cloud/instances/i-0123456789abcdef0"));
        Machine.Run("chroot", directory, "python3", "-c", "import os; os.setxattr('/etc/cloud/cloud.cfg', 'user.note', b'kept'); os.setxattr('/etc/sudoers.d/90-cloud-init-users', 'user.note', b'kept')");
        InstallAgents(directory);
    }

    // Debian has none of these in its archive: they stand for Amazon's.
    private static void InstallAgents(string directory) => Machine.Run(
        "chroot", directory, "sh", "-ec",
        """
        make() {
            mkdir -p "/build/$1/DEBIAN" "/build/$1/lib/systemd/system"
            printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: stands for the real one\n%s' "$1" "${2:+Depends: $2\n}" | sed 's/\\n/\n/' > "/build/$1/DEBIAN/control"
            printf '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n' > "/build/$1/lib/systemd/system/$1.service"
            dpkg-deb --build "/build/$1" "/build/$1.deb"
        }
        make amazon-ssm-agent
        make ssm-plugin amazon-ssm-agent
        make ec2-instance-connect
        dpkg --install /build/*.deb
        rm -r /build
        systemctl enable amazon-ssm-agent.service
        """);

    [Test]
    public async Task MorphAsync_DebianWithCloudInit_LeavesItsPackageDatabaseWithoutIt()
    {
        await MorphAsync();

        var output = DiskFile.Inspect(Disk, """
            chroot . dpkg --audit
            chroot . dpkg-query --show --showformat='${Package}\n' | grep -x -e cloud-init -e openssh-server -e ifupdown
            find etc/cloud var/lib/cloud usr/bin/cloud-init 2>/dev/null || true
            cat etc/network/interfaces.d/*
            """);

        Assert.That(output.Split('\n')[..2], Is.EqualTo((string[])["ifupdown", "openssh-server"]));
        Assert.That(output, Does.Contain("auto /e*=coriolis-dhcp").And.Not.Contain("cloud-init\n").And.Not.Contain("ens5"));
    }

    [Test]
    public async Task MorphAsync_DebianWithCloudInit_LeavesNoFileOfIt()
    {
        await MorphAsync();

        // Logs are the machine's history, and documentation of other packages mentions it.
        Assert.That(
            DiskFile.Inspect(Disk, "find . -xdev \\( -name '*cloud-init*' -o -name 'cloud-config*' -o -name 'cloud-final*' -o -name 'ds-identify*' \\) | grep -v -e ^./usr/share/ -e ^./var/log/ -e ^./etc/sudoers.d/ || true"),
            Is.Empty);
        Assert.That(DiskFile.Inspect(Disk, "grep -r -l cloud-init etc lib/systemd 2>/dev/null || true"), Does.Not.Contain("profile.d").And.Not.Contain("dhclient").And.Not.Contain("sshd-keygen"));
    }

    [Test]
    public async Task MorphAsync_AgentsOfEc2_ArePurgedWithWhatNeedsThem()
    {
        var result = await MorphAsync();

        Assert.That(
            result.Morphs.SelectMany(morph => morph.Changes).Where(change => change.Kind == MorphChangeKind.PackageRemoved).Select(change => change.Subject),
            Is.EquivalentTo((string[])["cloud-init", "amazon-ssm-agent", "ssm-plugin", "ec2-instance-connect"]));
        Assert.That(DiskFile.Inspect(Disk, "chroot . dpkg --get-selections | grep -e ssm -e ec2 || true; find etc/systemd -name '*ssm*'"), Is.Empty);
    }

    [Test]
    public async Task MorphAsync_PackagesThatOnlyCloudInitNeeded_AreLeftToAutoremoveButNotTheNetwork()
    {
        const string Autoremove = "chroot . apt-get --simulate autoremove | sed -n 's/^Remv \\([^ ]*\\).*/\\1/p'";
        DiskFile.Inspect(Disk, "chroot . apt-mark auto isc-dhcp-client python3-jinja2 sudo", writable: true);
        Assert.That(DiskFile.Inspect(Disk, Autoremove, writable: true), Does.Not.Contain("python3-jinja2"));

        await MorphAsync();

        var left = DiskFile.Inspect(Disk, Autoremove, writable: true).Split('\n');
        Assert.That(left, Has.Member("python3-jinja2").And.No.Member("isc-dhcp-client").And.No.Member("sudo"));
    }

    [Test]
    public async Task MorphAsync_SudoersOfCloudInit_StayWhileNobodyElseHasThem()
    {
        var result = await MorphAsync();

        Assert.That(DiskFile.Inspect(Disk, "cat etc/sudoers.d/90-cloud-init-users"), Is.EqualTo("admin ALL=(ALL) NOPASSWD:ALL\n"));
        Assert.That(result.Morphs.SelectMany(morph => morph.Warnings), Has.Some.Contains("90-cloud-init-users"));
    }

    [Test]
    public async Task MorphAsync_SudoersOfCloudInitBesideAnotherAdministrator_Go()
    {
        DiskFile.Inspect(Disk, "chroot . useradd --groups sudo --password '$6$salt$hash' ops", writable: true);

        await MorphAsync();

        Assert.That(DiskFile.Inspect(Disk, "ls etc/sudoers.d; chroot . visudo --check --quiet"), Is.EqualTo("README\n"));
    }

    [Test]
    public async Task MorphAsync_GuestOfAnotherArchitecture_DisablesInsteadOfRemoving()
    {
        // The header of a program for aarch64; no machine that runs this test can run it.
        DiskFile.Inspect(
            Disk,
            """
            printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\002\000\267\000' > foreign
            truncate --size 4096 foreign
            chmod 755 foreign
            for program in usr/bin/dpkg usr/bin/dash usr/sbin/update-initramfs; do cp foreign $program; done
            rm foreign
            """,
            writable: true);
        var before = DiskFile.Snapshot(Disk);

        var result = await MorphAsync();

        Assert.That(result.Os.Architecture, Is.EqualTo("aarch64"));
        Assert.That(result.Morphs.SelectMany(morph => morph.Warnings), Has.Some.Contains("cloud-init was disabled, not removed"));
        Assert.That(DiskFile.Inspect(Disk, "ls etc/cloud/cloud-init.disabled usr/bin/cloud-init etc/network/interfaces.d/coriolis-dhcp").Split('\n'), Has.Length.EqualTo(4));
        Assert.That((await MorphAsync()).Files, Is.Empty);
        await Morphing.UndoAsync(result.ReportPath!);
        Assert.That(DiskFile.Snapshot(Disk), Is.EqualTo(before));
    }

    [Test]
    public async Task MorphAsync_FstabOfEc2_NamesFileSystemsAndDoesNotWaitForAbsentOnes()
    {
        await MorphAsync();

        var fstab = DiskFile.Inspect(Disk, "cat etc/fstab; blkid --probe --match-tag UUID --output value --offset 2097152 \"$0\"");
        var uuid = fstab.TrimEnd().Split('\n')[^1];
        Assert.That(fstab, Does.StartWith($"# kept\nUUID={uuid} / ext4 defaults 0 1\n/dev/xvdf /data xfs defaults,noatime,nofail 0 2\n/dev/xvdb /mnt auto defaults,nofail,comment=cloudconfig 0 2\n"));
    }

    [Test]
    public async Task MorphAsync_WordsAndClockOfEc2_AreGone()
    {
        await MorphAsync();

        Assert.That(
            DiskFile.Inspect(Disk, "cat etc/default/grub etc/chrony/chrony.conf"),
            Is.EqualTo("GRUB_CMDLINE_LINUX=\"console=tty0 quiet\"\nmakestep 1 3\npool pool.ntp.org iburst\n"));
    }

    [Test]
    public async Task MorphAsync_DryRun_WritesNoByte()
    {
        var before = Machine.Run("sha256sum", Disk);

        var result = await Morphing.MorphAsync(new() { Disks = [Disk], DryRun = true });

        Assert.That(result.Morphs.SelectMany(morph => morph.Changes), Has.Some.Matches<MorphChange>(
            change => change is { Kind: MorphChangeKind.PackageRemoved, Subject: "cloud-init" }));
        Assert.That(result.Files, Has.Some.Matches<MorphedFile>(file => file is { Path: "/etc/cloud/cloud.cfg", After: null }));
        Assert.That(Machine.Run("sha256sum", Disk), Is.EqualTo(before));
        Assert.That(Reports, Is.Empty);
    }

    [Test]
    public async Task MorphAsync_InPlace_MarksTheDiskUntilItIsUndone()
    {
        var result = await MorphAsync();
        var marked = await File.ReadAllTextAsync(Disk + ".morphed");

        await Morphing.UndoAsync(result.ReportPath!);

        Assert.That(marked, Is.EqualTo(result.ReportPath + "\n"));
        Assert.That(File.Exists(Disk + ".morphed"), Is.False);
    }

    [Test]
    public async Task UndoAsync_GuestUsedSince_RefusesAndChangesNothing()
    {
        var result = await MorphAsync();
        DiskFile.Inspect(Disk, "echo more >> etc/network/interfaces.d/coriolis-dhcp", writable: true);
        var before = DiskFile.Snapshot(Disk);

        Assert.That(
            async () => await Morphing.UndoAsync(result.ReportPath!),
            Throws.TypeOf<GuestException>().With.Message.Contains("/etc/network/interfaces.d/coriolis-dhcp"));
        Assert.That(DiskFile.Snapshot(Disk), Is.EqualTo(before));
    }

    [Test]
    public async Task MorphAsync_OpensshNeedsCloudInit_DisablesInsteadOfRemoving()
    {
        DiskFile.Inspect(Disk, "sed -i '/^Package: openssh-server$/,/^$/s/^Depends: /Depends: cloud-init, /' var/lib/dpkg/status", writable: true);

        var result = await MorphAsync();

        Assert.That(result.Morphs.SelectMany(morph => morph.Warnings), Has.Some.Contains("openssh-server"));
        Assert.That(DiskFile.Inspect(Disk, "ls etc/cloud/cloud-init.disabled usr/bin/cloud-init; chroot . dpkg --audit").Trim().Split('\n'), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task MorphAsync_DpkgCannotRun_DisablesInsteadOfRemoving()
    {
        DiskFile.Inspect(Disk, "rm usr/bin/dpkg", writable: true);

        var result = await MorphAsync();

        Assert.That(result.Morphs.SelectMany(morph => morph.Warnings), Has.Some.Contains("dpkg does not run"));
        Assert.That(DiskFile.Inspect(Disk, "ls etc/cloud/cloud-init.disabled"), Is.Not.Empty);
    }

    [TestCase("prerm", "remove")]
    [TestCase("postrm", "remove")]
    [TestCase("postrm", "purge")]
    public async Task MorphAsync_ScriptOfCloudInitFails_DisablesItWhereTheScriptHasLeftNoTrace(string script, string action)
    {
        const string Database = "sed -n '/^Package: cloud-init$/,/^$/p' var/lib/dpkg/status; grep cloud-init var/log/dpkg.log || true";
        DiskFile.Inspect(
            Disk,
            $"""
            printf '#!/bin/sh\n[ "$1" != {action} ] || (echo half > /half-done; exit 3)\n' > var/lib/dpkg/info/cloud-init.{script}
            chmod 755 var/lib/dpkg/info/cloud-init.{script}
            """,
            writable: true);
        var before = DiskFile.Inspect(Disk, Database);

        var result = await MorphAsync();

        Assert.That(
            result.Morphs.SelectMany(morph => morph.Warnings),
            Has.Some.StartsWith("cloud-init was disabled, not removed: dpkg of the guest cannot remove cloud-init: "));
        Assert.That(
            DiskFile.Inspect(Disk, "ls etc/cloud/cloud-init.disabled usr/bin/cloud-init half-done 2>/dev/null || true; cat etc/network/interfaces.d/*; chroot . dpkg --audit"),
            Does.StartWith("etc/cloud/cloud-init.disabled\nusr/bin/cloud-init\n").And.Contain("auto /e*=coriolis-dhcp").And.Not.Contain("half-done"));
        Assert.That(DiskFile.Inspect(Disk, Database), Is.EqualTo(before).And.Contain("ok installed"));
        Assert.That((await MorphAsync()).Files, Is.Empty);
    }

    [Test]
    public async Task MorphAsync_AfterRun_LeavesNoLoopDeviceAndNoMount()
    {
        await MorphAsync();

        Assert.That(Machine.Run("losetup", "--associated", Disk), Is.Empty);
        Assert.That(File.ReadAllText("/proc/mounts"), Does.Not.Contain("coriolis-morph"));
    }
}

/// <summary>The same guest on another file system, whose undo is what differs.</summary>
[TestFixture("xfs")]
[TestFixture("btrfs")]
public sealed class DebianFileSystemTests(string fileSystem) : GuestDiskTests
{
    private protected override string FileSystem => fileSystem;

    private protected override void PrepareGuest(string directory) => DebianMorphTests.Prepare(directory);
}
