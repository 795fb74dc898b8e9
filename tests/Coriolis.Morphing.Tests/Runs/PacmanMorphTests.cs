using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Runs;

/// <summary>A guest with the real pacman and its database.</summary>
public sealed class PacmanMorphTests : GuestDiskTests
{
    private const string Install = """
        sed --in-place /^CheckSpace/d /etc/pacman.conf
        mkdir -p /packages/root
        cd /packages/root
        make() {
            name=$1; shift
            {
                printf 'pkgname = %s\npkgbase = %s\npkgver = 1-1\npkgdesc = stands for the real one\narch = any\nsize = 1\n' "$name" "$name"
                for depend; do echo "depend = $depend"; done
            } > .PKGINFO
            tar --create --gzip --file "/packages/$name-1-1-any.pkg.tar.gz" .PKGINFO $(ls)
            rm -rf ./* .PKGINFO
        }
        mkdir -p etc/cloud usr/bin
        echo 'datasource_list: [ Ec2 ]' > etc/cloud/cloud.cfg
        echo python > usr/bin/cloud-init
        make cloud-init netctl python-yaml
        make cloud-init-addon cloud-init
        make netctl
        make amazon-ssm-agent
        make openssh amazon-ssm-agent
        make python-yaml
        pacman --upgrade --noconfirm /packages/*.pkg.tar.gz
        pacman --database --asdeps netctl python-yaml
        cd /
        rm -r /packages
        """;

    private protected override string BaseGuest => DebianTools.Root;

    private protected override void PrepareGuest(string directory)
    {
        foreach (var folder in (string[])["var/lib/dpkg", "etc/cloud"])
            Directory.Delete(Path.Combine(directory, folder), recursive: true);
        foreach (var file in (string[])["usr/bin/cloud-init", "etc/os-release"])
            File.Delete(Path.Combine(directory, file));
        File.WriteAllText(Path.Combine(directory, "etc/os-release"), "ID=arch\nNAME=\"Arch Linux\"\nPRETTY_NAME=\"Arch Linux\"\n");
        File.WriteAllText(Path.Combine(directory, "etc/systemd/network/10-cloud-init-ens5.network"), "[Match]\nMACAddress=0a:1b:2c:3d:4e:01\nName=ens5\n\n[Network]\nDHCP=ipv4\n");
        Machine.Run("unshare", "--mount", "sh", "-ec", "mount -t proc proc \"$0/proc\"; chroot \"$0\" sh -ec \"$1\"", directory, Install);
    }

    [Test]
    public async Task MorphAsync_CloudInitWithDependent_RemovesBothAndKeepsTheNetwork()
    {
        var result = await MorphAsync();

        Assert.That(result.Os.PackageSystem, Is.EqualTo(GuestPackageSystem.Pacman));
        Assert.That(DiskFile.Inspect(Disk, "chroot . pacman --query --quiet"), Is.EqualTo("amazon-ssm-agent\nnetctl\nopenssh\npython-yaml\n"));
        Assert.That(DiskFile.Inspect(Disk, "chroot . pacman --query --quiet --deps --unrequired"), Is.EqualTo("python-yaml\n"), "what nothing needs any more, but not the network");
        Assert.That(DiskFile.Inspect(Disk, "chroot . pacman --database --check; ls -d etc/cloud usr/bin/cloud-init 2>/dev/null || true"), Does.Not.Contain("/cloud"));
        Assert.That(DiskFile.Inspect(Disk, "ls etc/systemd/network"), Is.EqualTo("90-coriolis-dhcp.network\n"));
    }

    [Test]
    public async Task MorphAsync_AgentThatSshNeeds_IsKeptWithAWarning()
    {
        var result = await MorphAsync();

        Assert.That(result.Morphs.SelectMany(morph => morph.Warnings), Has.Some.Contains("amazon-ssm-agent").And.Contains("openssh"));
    }
}
