using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers.Aws;

namespace Coriolis.Morphing.Tests.Leftovers;

/// <summary>What is left of AWS in guests whose packages cannot be removed, or never were packages.</summary>
public sealed class AwsLeftoversTests
{
    private const string Wants = "etc/systemd/system/multi-user.target.wants";

    private static readonly (AwsLeftovers Kind, string Path)[] s_traces =
    [
        (AwsLeftovers.SystemsManagerAgent, $"{Wants}/snap.amazon-ssm-agent.amazon-ssm-agent.service"),
        (AwsLeftovers.CloudWatchAgent, $"{Wants}/amazon-cloudwatch-agent.service"),
        (AwsLeftovers.InstanceConnect, $"{Wants}/ec2-instance-connect-harvest-hostkeys.service"),
        (AwsLeftovers.Hibernation, $"{Wants}/hibinit-agent.service"),
        (AwsLeftovers.NetworkUtilities, "etc/systemd/system/timers.target.wants/refresh-policy-routes@ens5.timer"),
        (AwsLeftovers.DeviceRules, "etc/udev/rules.d/70-ec2-nvme-devices.rules"),
        (AwsLeftovers.OtherAgents, "etc/rc3.d/S20codedeploy-agent"),
    ];

    private static IEnumerable<TestCaseData> Kinds => s_traces.Select(trace => new TestCaseData(trace.Kind));

    [TestCaseSource(nameof(Kinds))]
    public async Task MorphAsync_OneOption_TakesOutNothingElse(AwsLeftovers kind)
    {
        using var guest = CreateGuest();

        var report = await TestMorpher.RunAsync("AWS leftovers", guest, remove: kind);

        Assert.That(
            s_traces.Where(trace => !Exists(guest, trace.Path)).Select(trace => trace.Kind),
            Is.EqualTo((AwsLeftovers[])[kind]));
        Assert.That(File.ReadAllText(guest.Below("etc/chrony.conf")), Does.Contain("169.254.169.123"));
        Assert.That(report.Changes, Is.Not.Empty);
    }

    [TestCase(AwsLeftovers.All, 1)]
    [TestCase(AwsLeftovers.All & ~AwsLeftovers.Hibernation, 0)]
    public async Task MorphAsync_SwapFileOfHibernation_IsKeptAndReported(AwsLeftovers remove, int reports)
    {
        using var guest = new TemporaryDirectory();
        using (var swap = File.Create(guest.Below("swap-hibinit")))
            swap.SetLength(3L * 1024 * 1024);

        var report = await TestMorpher.RunAsync("AWS leftovers", guest, remove: remove);

        Assert.That(report.Warnings.Count(warning => warning.Contains("/swap-hibinit has 3 MiB", StringComparison.Ordinal)), Is.EqualTo(reports));
        Assert.That(report.Changes, Is.Empty);
        Assert.That(new FileInfo(guest.Below("swap-hibinit")).Length, Is.EqualTo(3 * 1024 * 1024));
    }

    [Test]
    public async Task MorphAsync_NoOption_ChangesNothing()
    {
        using var guest = CreateGuest();
        var before = TestMorpher.Snapshot(guest);

        var report = await TestMorpher.RunAsync("AWS leftovers", guest, remove: AwsLeftovers.None);

        Assert.That(report.Changes, Is.Empty);
        Assert.That(TestMorpher.Snapshot(guest), Is.EqualTo(before));
    }

    [Test]
    public async Task MorphAsync_AllOptionsTwice_LeavesServicesOfOthersAndChangesNothingTheSecondTime()
    {
        using var guest = CreateGuest();

        await TestMorpher.RunAsync("AWS leftovers", guest);
        var once = TestMorpher.Snapshot(guest);
        var second = await TestMorpher.RunAsync("AWS leftovers", guest);

        Assert.That(Exists(guest, $"{Wants}/ssh.service"), Is.True);
        Assert.That(Exists(guest, "etc/rc3.d/S20cron"), Is.True);
        Assert.That(second.Changes, Is.Empty);
        Assert.That(TestMorpher.Snapshot(guest), Is.EqualTo(once));
    }

    [Test]
    public async Task MorphAsync_ClockOfEc2Alone_AsksAPublicPoolInstead()
    {
        using var guest = CreateGuest();

        await TestMorpher.RunAsync("AWS leftovers", guest, remove: AwsLeftovers.Clock);

        Assert.That(File.ReadAllText(guest.Below("etc/chrony.conf")), Is.EqualTo("driftfile /var/lib/chrony/drift\npool pool.ntp.org iburst\n"));
    }

    [Test]
    public async Task MorphAsync_ClockOfEc2BesideAnother_OnlyGoes()
    {
        using var guest = CreateGuest();
        guest.Write("etc/chrony.conf", "pool 2.pool.ntp.org iburst\nserver 169.254.169.123 prefer iburst minpoll 4\n");
        guest.Write("etc/chrony.d/link-local.sources", "server fd00:ec2::123 iburst\n");

        await TestMorpher.RunAsync("AWS leftovers", guest, remove: AwsLeftovers.Clock);

        Assert.That(File.ReadAllText(guest.Below("etc/chrony.conf")), Is.EqualTo("pool 2.pool.ntp.org iburst\n"));
        Assert.That(File.ReadAllText(guest.Below("etc/chrony.d/link-local.sources")), Is.Empty);
    }

    [Test]
    public async Task MorphAsync_KeysCommandWhoseProgramIsGone_LeavesAConfigurationThatSshdTakes()
    {
        Machine.NeedsProgram("sshd");
        using var guest = CreateGuest();
        Machine.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", guest.Below("key"));
        guest.Write(
            "etc/ssh/sshd_config",
            $"HostKey {guest.Below("key")}\nPasswordAuthentication no\nAuthorizedKeysCommand /opt/aws/bin/eic_run_authorized_keys %u %f\nAuthorizedKeysCommandUser ec2-instance-connect\n");

        await TestMorpher.RunAsync("AWS leftovers", guest);

        Assert.That(File.ReadAllLines(guest.Below("etc/ssh/sshd_config"))[1..], Is.EqualTo((string[])["PasswordAuthentication no"]));
        Machine.Run("sh", "-c", "mkdir -p /run/sshd && exec /usr/sbin/sshd -t -f \"$0\"", guest.Below("etc/ssh/sshd_config"));
    }

    [Test]
    public async Task MorphAsync_KeysCommandThatIsStillThere_Stays()
    {
        using var guest = CreateGuest();
        const string text = "AuthorizedKeysCommand /opt/aws/bin/eic_run_authorized_keys %u %f\nAuthorizedKeysCommandUser ec2-instance-connect\n";
        guest.Write("etc/ssh/sshd_config", text);
        guest.Write("opt/aws/bin/eic_run_authorized_keys", "");

        await TestMorpher.RunAsync("AWS leftovers", guest);

        Assert.That(File.ReadAllText(guest.Below("etc/ssh/sshd_config")), Is.EqualTo(text));
    }

    [TestCase("$6$salt$hash", false)]
    [TestCase("!", true)]
    public async Task MorphAsync_SudoRuleOfSystemsManager_StaysOnlyWhileNobodyElseHasOne(string password, bool stays)
    {
        using var guest = CreateGuest();
        guest.Write("etc/sudoers", "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n");
        guest.Write("etc/sudoers.d/ssm-agent-users", "ssm-user ALL=(ALL) NOPASSWD:ALL\n");
        guest.Write("etc/sudoers.d/old.bak", "operator ALL=(ALL) NOPASSWD:ALL\n");
        guest.Write("etc/group", "sudo:x:27:operator\n");
        guest.Write("etc/passwd", "root:x:0:0::/root:/bin/bash\noperator:x:1000:1000::/home/operator:/bin/bash\n");
        guest.Write("etc/shadow", $"root:*:1::::::\nssm-user:!:1::::::\noperator:{password}:1::::::\n");

        await TestMorpher.RunAsync("AWS leftovers", guest);

        Assert.That(Exists(guest, "etc/sudoers.d/ssm-agent-users"), Is.EqualTo(stays));
    }

    [TestCase("jenkins ALL=(deploy) NOPASSWD: ALL", "/bin/bash", "$6$salt$hash", "", true)]
    [TestCase("jenkins ALL=(ALL) NOPASSWD: ALL", "/sbin/nologin", "$6$salt$hash", "", true)]
    [TestCase("jenkins web-1=(ALL) NOPASSWD: ALL", "/bin/bash", "$6$salt$hash", "", true)]
    [TestCase("jenkins ALL=(:docker) NOPASSWD: ALL", "/bin/bash", "$6$salt$hash", "", true)]
    [TestCase("jenkins ALL=(ALL) NOPASSWD: /bin/ls, !ALL", "/bin/bash", "$6$salt$hash", "", true)]
    [TestCase("jenkins ALL=(ALL) NOPASSWD: ALL", "/bin/bash", "!", "# none\n", true)]
    [TestCase("jenkins ALL=(ALL) ALL", "/bin/bash", "!", "ssh-ed25519 AAAA\n", true)]
    [TestCase("jenkins ALL=(ALL) NOPASSWD: ALL", "/bin/bash", "!", "ssh-ed25519 AAAA\n", false)]
    [TestCase("jenkins\tALL = NOPASSWD: SETENV: ALL", "/bin/bash", "$6$salt$hash", "", false)]
    [TestCase("jenkins ALL=(root:root) ALL", "", "$y$salt$hash", "", false)]
    public async Task MorphAsync_SudoRuleOfAnother_CountsOnlyIfSomebodyBecomesRootByIt(string rule, string shell, string password, string keys, bool stays)
    {
        using var guest = CreateGuest();
        guest.Write("etc/sudoers.d/ssm-agent-users", "ssm-user ALL=(ALL) NOPASSWD:ALL\n");
        guest.Write("etc/sudoers.d/jenkins", $"Defaults env_keep=ALL\n{rule}\n");
        guest.Write("etc/passwd", $"ssm-user:x:1001:1001::/home/ssm-user:/bin/sh\njenkins:x:1000:1000::/srv/jenkins:{shell}\n");
        guest.Write("etc/shadow", $"ssm-user:!:1::::::\njenkins:{password}:1::::::\n");
        guest.Write("srv/jenkins/.ssh/authorized_keys", keys);

        await TestMorpher.RunAsync("AWS leftovers", guest);

        Assert.That(Exists(guest, "etc/sudoers.d/ssm-agent-users"), Is.EqualTo(stays));
    }

    [TestCase("etc/yum.repos.d/redhat-rhui.repo", "[baseos]\nmirrorlist=https://rhui.eu-west-1.aws.ce.redhat.com/pulp/mirror/content\n")]
    [TestCase("etc/yum.repos.d/amazonlinux.repo", "[amazonlinux]\nmirrorlist=https://al2023-repos-$awsregion-de612dc2.s3.dualstack.$awsregion.amazonaws.com/core/mirrors\n")]
    [TestCase("etc/zypp/services.d/cloud.service", "[cloud]\nurl = plugin:/susecloud?credentials=Basesystem\n")]
    public async Task MorphAsync_RepositoryOfEc2_IsReportedAndLeftAlone(string path, string text)
    {
        using var guest = CreateGuest();
        guest.Write(path, text);

        var report = await TestMorpher.RunAsync("AWS leftovers", guest);

        Assert.That(report.Warnings, Has.Some.Contains($"/{path}"));
        Assert.That(File.ReadAllText(guest.Below(path)), Is.EqualTo(text));
    }

    [Test]
    public async Task MorphAsync_AmazonNetworkd_AsksForDhcpOnCardsOfOtherDrivers()
    {
        using var guest = CreateGuest();
        guest.Write("usr/lib/systemd/network/80-ec2.network", "[Match]\nDriver=ena ixgbevf vif\n\n[Network]\nDHCP=yes\n");

        await TestMorpher.RunAsync("AWS leftovers", guest);

        Assert.That(File.ReadAllText(guest.Below("etc/systemd/network/90-coriolis-dhcp.network")), Does.Contain("Type=ether").And.Contain("DHCP=yes"));
    }

    private static TemporaryDirectory CreateGuest()
    {
        var guest = new TemporaryDirectory();
        foreach (var path in s_traces.Select(trace => trace.Path).Append($"{Wants}/ssh.service").Append("etc/rc3.d/S20cron"))
        {
            if (path.EndsWith(".rules", StringComparison.Ordinal))
                guest.Write(path, "KERNEL==\"nvme*\"\n");
            else
                guest.Link(path, "/lib/unit");
        }

        guest.Write("etc/chrony.conf", "server 169.254.169.123 prefer iburst minpoll 4 maxpoll 4\ndriftfile /var/lib/chrony/drift\n");
        return guest;
    }

    private static bool Exists(TemporaryDirectory guest, string path) => new FileInfo(guest.Below(path)).LinkTarget is not null || File.Exists(guest.Below(path));
}
