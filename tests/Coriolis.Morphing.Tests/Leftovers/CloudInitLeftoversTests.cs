using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Leftovers;

/// <summary>What cloud-init leaves behind when its package is gone.</summary>
public sealed class CloudInitLeftoversTests
{
    [TestCase("etc/cloud/cloud.cfg.d/99-datasource.cfg")]
    [TestCase("etc/cloud/ds-identify.cfg")]
    [TestCase("var/lib/cloud/instances/i-1/user-data.txt")]
    [TestCase("etc/NetworkManager/conf.d/99-cloud-init.conf")]
    [TestCase("etc/NetworkManager/dispatcher.d/cloud-init-hook-network-manager")]
    [TestCase("etc/dhcp/dhclient-exit-hooks.d/hook-dhclient")]
    [TestCase("etc/rsyslog.d/21-cloudinit.conf")]
    [TestCase("etc/profile.d/Z99-cloud-locale-test.sh")]
    [TestCase("etc/apt/apt.conf.d/90cloud-init-pipelining")]
    [TestCase("etc/systemd/system/cloud-init.service.d/override.conf")]
    [TestCase("etc/systemd/system/cloud-init.target.wants/cloud-init.service")]
    [TestCase("etc/systemd/system/multi-user.target.wants/cloud-final.service")]
    [TestCase("etc/systemd/system-generators/cloud-init-generator")]
    [TestCase("etc/systemd/network/50-cloud-init-eth0.link")]
    [TestCase("etc/rc3.d/S01cloud-config")]
    [TestCase("etc/init.d/cloud-init-local")]
    [TestCase("etc/runlevels/boot/cloud-init-local")]
    public async Task MorphAsync_LeftBehind_IsRemoved(string path)
    {
        using var guest = CreateGuest();
        guest.Write(path, "x");

        await TestMorpher.RunAsync("cloud-init removal", guest);

        Assert.That(File.Exists(guest.Below(path)), Is.False);
    }

    [TestCase("etc/ssh/sshd_config.d/50-cloud-init.conf", "PasswordAuthentication no\n")]
    [TestCase("etc/apt/apt.conf.d/90cloud-init-aptproxy", "Acquire::http::Proxy \"http://proxy\";\n")]
    [TestCase("etc/systemd/system/cloud-backup.service", "[Service]\nExecStart=/bin/true\n")]
    [TestCase("etc/init.d/cloud-sync", "#!/bin/sh\n")]
    [TestCase("etc/hosts", "# Your system has configured 'manage_etc_hosts' as True.\n127.0.1.1 web-1\n")]
    [TestCase("root/.ssh/authorized_keys", "ssh-ed25519 AAAA admin\n")]
    public async Task MorphAsync_SettingThatWorksWithoutCloudInit_Stays(string path, string text)
    {
        using var guest = CreateGuest();
        guest.Write(path, text);

        await TestMorpher.RunAsync("cloud-init removal", guest);

        Assert.That(File.ReadAllText(guest.Below(path)), Is.EqualTo(text));
    }

    [Test]
    public async Task MorphAsync_ScriptsAndUnitsThatNeedCloudInit_AreReported()
    {
        using var guest = CreateGuest();
        guest.Write("var/lib/cloud/scripts/per-boot/mount-data.sh", "#!/bin/sh\n");
        guest.Write("etc/systemd/system/app.service", "[Unit]\nRequires=network.target cloud-final.service\n");
        guest.Write("etc/systemd/system/web.service", "[Unit]\nAfter=cloud-final.service\n");

        var report = await TestMorpher.RunAsync("cloud-init removal", guest);

        Assert.That(report.Warnings, Has.Exactly(1).Contains("mount-data.sh").And.Exactly(1).Contains("app.service").And.None.Contains("web.service"));
    }

    [Test]
    public async Task MorphAsync_TinyCloud_IsDisabledAndKeepsTheMarkThatItIsDone()
    {
        using var guest = CreateGuest();
        foreach (var (service, level) in ((string, string)[])[("tiny-cloud-boot", "boot"), ("tiny-cloud-early", "default"), ("tiny-cloud-main", "default"), ("tiny-cloud-final", "default")])
        {
            guest.Write($"etc/init.d/{service}", "#!/sbin/openrc-run\n");
            guest.Link($"etc/runlevels/{level}/{service}", $"/etc/init.d/{service}");
        }

        guest.Link("etc/runlevels/default/sshd", "/etc/init.d/sshd");
        guest.Write("var/lib/cloud/.bootstrap-complete", "");

        var report = await TestMorpher.RunAsync("cloud-init removal", guest);

        Assert.That(Machine.Run("find", guest.Below("etc/runlevels"), "-type", "l", "-printf", "%P\n"), Is.EqualTo("default/sshd\n"));
        Assert.That(File.Exists(guest.Below("var/lib/cloud/.bootstrap-complete")), Is.True);
        Assert.That(report.Changes, Has.Some.Matches<MorphChange>(change => change is { Kind: MorphChangeKind.ServiceDisabled, Subject: "tiny-cloud-boot" }));
    }

    private static TemporaryDirectory CreateGuest()
    {
        var guest = new TemporaryDirectory();
        guest.Write("etc/cloud/cloud.cfg", "datasource_list: [ Ec2 ]\n");
        return guest;
    }
}
