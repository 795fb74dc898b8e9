using System.Text.RegularExpressions;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Network;

/// <summary>What becomes of the network configurations that cloud-init writes, read by the programs that they are for.</summary>
public sealed class NetworkReplacementTests
{
    private static readonly string[] s_styles = ["netplan", "ifupdown", "alpine", "ifcfg", "wicked", "networkd", "networkmanager"];

    private RenderedGuests _rendered = null!;

    [OneTimeSetUp]
    public void Render()
    {
        Machine.NeedsRoot();
        _rendered = RenderedGuests.Create();
    }

    [OneTimeTearDown]
    public void RemoveRendered() => _rendered.Dispose();

    [TestCaseSource(nameof(s_styles))]
    public async Task MorphAsync_Dhcp_LeavesNothingOfTheOldCards(string style)
    {
        using var guest = _rendered.Install("two-cards", style);
        Assume.That(Grep(guest, "0a:1b:2c|ens[56]"), Is.Not.Empty);

        await MorphAsync(guest);

        Assert.That(Grep(guest, "0a:1b:2c|ens[56]"), Is.Empty);
        Assert.That(Grep(guest, "dhcp|DHCP|method=auto"), Is.Not.Empty);
        Assert.That(Machine.Run("find", guest.Path, "-name", "*cloud-init*"), Is.Empty);
    }

    [TestCaseSource(nameof(s_styles))]
    public async Task MorphAsync_StaticKept_KeepsAddressesAndNothingOfTheOldCard(string style)
    {
        using var guest = _rendered.Install("static", style);

        await MorphAsync(guest, keep: true);

        Assert.That(Grep(guest, "0a:1b:2c|ens5"), Is.Empty);
        Assert.That(Grep(guest, @"10\.0\.1\.5"), Is.Not.Empty);
        Assert.That(Grep(guest, "2001:db8::5"), Is.Not.Empty);
    }

    [TestCaseSource(nameof(s_styles))]
    public async Task MorphAsync_BondBridgeAndVlan_AreKeptOnCardsOfTheKernelsNames(string style)
    {
        using var guest = _rendered.Install("compound", style);

        var report = await MorphAsync(guest);

        Assert.That(report.Warnings, Has.Some.Contains("bonds, bridges or VLANs"));
        Assert.That(Grep(guest, "0a:1b:2c|ens[567]"), Is.Empty);
        Assert.That(Grep(guest, @"10\.0\.1\.5"), Is.Not.Empty);
        Assert.That(Grep(guest, @"10\.12\.0\.5"), Is.Not.Empty);
        Assert.That(Grep(guest, "eth2"), Is.Not.Empty);
        Assert.That(CommandLines(guest), style == "alpine" ? Is.Empty : Does.Contain("ro quiet net.ifnames=0").And.Contain("=\"quiet net.ifnames=0\""));
    }

    [TestCaseSource(nameof(s_styles))]
    public async Task MorphAsync_SecondRun_ChangesNothing(string style)
    {
        foreach (var (config, keep) in ((string, bool)[])[("two-cards", false), ("two-static", true), ("static", true), ("compound", false)])
        {
            using var guest = _rendered.Install(config, style);
            await MorphAsync(guest, keep);
            var before = Grep(guest, "");

            var second = await MorphAsync(guest, keep);

            Assert.That(second.Changes, Is.Empty, config);
            Assert.That(Grep(guest, ""), Is.EqualTo(before), config);
        }
    }

    [Test]
    public async Task MorphAsync_Netplan_AsksForDhcpOnACardOfAnyName()
    {
        using var guest = _rendered.Install("two-cards", "netplan");

        await MorphAsync(guest);

        Assert.That(NetworkConsumers.Netplan(guest, "ens3", "eth7"), Does.Contain("ens3: found matching network").And.Contain("eth7: found matching network").And.Not.Contain("Unknown"));
        Assert.That(guest.Mode("etc/netplan/90-coriolis-dhcp.yaml"), Is.EqualTo("600"));
    }

    [Test]
    public async Task MorphAsync_NetplanStaticKept_GivesTheAddressesToACardOfAnyName()
    {
        using var guest = _rendered.Install("static", "netplan");

        await MorphAsync(guest, keep: true);

        Assert.That(NetworkConsumers.Netplan(guest, "enp1s0"), Does.Match("enp1s0@.* UP .*10.0.1.5/24.* 2001:db8::5/64"));
    }

    [Test]
    public async Task MorphAsync_NetplanTwoStaticKept_GivesEachCardItsAddress()
    {
        using var guest = _rendered.Install("two-static", "netplan");

        await MorphAsync(guest, keep: true);

        Assert.That(NetworkConsumers.Netplan(guest, "eth0", "eth1"), Does.Match("eth0@.* 10.0.1.5/24").And.Match("eth1@.* 10.0.2.5/24"));
        Assert.That(CommandLines(guest), Does.Contain("ro quiet net.ifnames=0").And.Not.Contain("memtest86+.bin net.ifnames"));
    }

    [Test]
    public async Task MorphAsync_NetplanBond_IsUnderstood()
    {
        using var guest = _rendered.Install("compound", "netplan");

        await MorphAsync(guest);

        var found = NetworkConsumers.Netplan(guest, "eth0", "eth1", "eth2");
        Assert.That(found, Does.Match("eth0: found matching network.*-eth0").And.Match("eth2: found matching network.*-eth2").And.Not.Contain("Unknown"));
    }

    [Test]
    public async Task MorphAsync_Networkd_IsUnderstood()
    {
        using var guest = _rendered.Install("two-cards", "networkd");

        await MorphAsync(guest);

        // A virtual card is of a kind, and so not one of those that ask for DHCP.
        Assert.That(NetworkConsumers.Networkd(guest, "eth0"), Does.Not.Contain("Unknown").And.Not.Contain("parse").And.Not.Contain("found matching"));
        Assert.That(File.ReadAllText(guest.Below("etc/systemd/network/90-coriolis-dhcp.network")), Does.Contain("[Match]\nType=ether\nKind=!*\n\n[Network]\nDHCP=yes\n"));
    }

    [Test]
    public async Task MorphAsync_NetworkdTwoStaticKept_GivesEachCardItsAddress()
    {
        using var guest = _rendered.Install("two-static", "networkd");

        await MorphAsync(guest, keep: true);

        Assert.That(
            NetworkConsumers.Networkd(guest, "eth0", "eth1"),
            Does.Match("eth0@.* 10.0.1.5/24").And.Match("eth1@.* 10.0.2.5/24").And.Not.Contain("Unknown"));
    }

    [Test]
    public async Task MorphAsync_Ifupdown_AsksForDhcpOnACardOfAnyName()
    {
        using var guest = _rendered.Install("two-cards", "ifupdown");

        await MorphAsync(guest);

        var output = NetworkConsumers.Ifup(guest, "enp0s3", "eth4");
        Assert.That(output, Does.Match("dhclient .* enp0s3").And.Match("dhclient .* eth4").And.Not.Contain("ens5"));
    }

    [Test]
    public async Task MorphAsync_IfupdownTwoStaticKept_ConfiguresEachCard()
    {
        using var guest = _rendered.Install("two-static", "ifupdown");

        await MorphAsync(guest, keep: true);

        Assert.That(NetworkConsumers.Ifup(guest, "eth0", "eth1"), Does.Match(@"ip addr add 10\.0\.1\.5/.* eth0").And.Match(@"ip addr add 10\.0\.2\.5/.* eth1"));
    }

    [TestCase("source-directory /etc/network/interfaces.d\n", "50-cloud-init", "coriolis-dhcp")]
    [TestCase("source /etc/network/interfaces.d/*.cfg\n", "50-cloud-init.cfg", "coriolis-dhcp.cfg")]
    public async Task MorphAsync_IfupdownWithItsWayToInclude_WritesAFileThatIsIncluded(string include, string oldName, string newName)
    {
        using var guest = _rendered.Install("two-cards", "ifupdown");
        guest.Write("etc/network/interfaces", include);
        File.Move(guest.Below("etc/network/interfaces.d/50-cloud-init"), guest.Below($"etc/network/interfaces.d/{oldName}"), overwrite: true);

        await MorphAsync(guest);

        Assert.That(Directory.GetFiles(guest.Below("etc/network/interfaces.d")).Select(Path.GetFileName), Is.EqualTo((string[])[newName]));
        Assert.That(NetworkConsumers.Ifup(guest, "ens3"), Does.Match("dhclient .* ens3"));
        Assert.That(File.ReadAllText(guest.Below("etc/network/interfaces")), Is.EqualTo(include));
    }

    [Test]
    public async Task MorphAsync_IfupdownWithoutPatterns_NamesCardsAsTheKernelDoes()
    {
        using var guest = _rendered.Install("two-cards", "ifupdown");
        guest.Write("var/lib/dpkg/status", "Package: ifupdown\nStatus: install ok installed\nVersion: 0.8.10ubuntu1.4\n\n");

        await MorphAsync(guest);

        Assert.That(NetworkConsumers.Ifup(guest, "eth0", "eth1"), Does.Match("dhclient .* eth0").And.Match("dhclient .* eth1"));
        Assert.That(CommandLines(guest), Does.Contain("ro quiet net.ifnames=0").And.Contain("=\"quiet net.ifnames=0\""));
    }

    [Test]
    public async Task MorphAsync_Alpine_WritesStanzasThatBusyBoxUnderstands()
    {
        using var guest = _rendered.Install("two-cards", "alpine");

        await MorphAsync(guest);

        Assert.That(
            File.ReadAllLines(guest.Below("etc/network/interfaces")).Where(line => line.Length > 0 && line[0] != '#'),
            Is.EqualTo((string[])["auto lo", "iface lo inet loopback", "auto eth0", "iface eth0 inet dhcp", "auto eth1", "iface eth1 inet dhcp"]));
    }

    [Test]
    public async Task MorphAsync_NetworkManager_AsksForDhcpOnEveryCard()
    {
        using var guest = _rendered.Install("two-cards", "networkmanager");

        await MorphAsync(guest);

        const string file = "etc/NetworkManager/system-connections/coriolis-dhcp.nmconnection";
        Assert.That(NetworkConsumers.Nmcli(guest, file), Does.Contain("type=ethernet\n").And.Contain("[ipv4]\nmethod=auto").And.Not.Contain("interface-name").And.Not.Contain("mac-address"));
        Assert.That(guest.Mode(file), Is.EqualTo("600"));
    }

    [Test]
    public async Task MorphAsync_NetworkManagerStaticKept_KeepsTheConnectionForAnyCard()
    {
        using var guest = _rendered.Install("static", "networkmanager");

        await MorphAsync(guest, keep: true);

        Assert.That(
            NetworkConsumers.Nmcli(guest, "etc/NetworkManager/system-connections/coriolis-eth0.nmconnection"),
            Does.Contain("address1=10.0.1.5/24").And.Contain("2001:db8::5/64").And.Not.Contain("mac-address").And.Not.Contain("interface-name"));
    }

    [Test]
    public async Task MorphAsync_NetworkManagerBond_KeepsPortsByTheirNewNames()
    {
        using var guest = _rendered.Install("compound", "networkmanager");

        await MorphAsync(guest);

        Assert.That(
            NetworkConsumers.Nmcli(guest, "etc/NetworkManager/system-connections/coriolis-eth1.nmconnection"),
            Does.Contain("interface-name=eth1\n").And.Match("(master|controller)=54317911-").And.Not.Contain("mac-address"));
    }

    [Test]
    public async Task MorphAsync_IfcfgReadByNetworkManager_BecomesAConnectionForEveryCard()
    {
        using var guest = _rendered.Install("two-cards", "ifcfg");
        guest.Link("etc/systemd/system/multi-user.target.wants/NetworkManager.service", "/usr/lib/systemd/system/NetworkManager.service");

        await MorphAsync(guest);

        Assert.That(Directory.GetFiles(guest.Below("etc/sysconfig/network-scripts")), Is.Empty);
        Assert.That(NetworkConsumers.Nmcli(guest, "etc/NetworkManager/system-connections/coriolis-dhcp.nmconnection"), Does.Contain("method=auto"));
        Assert.That(guest.Mode("etc/NetworkManager/system-connections/coriolis-dhcp.nmconnection"), Is.EqualTo("600"));
    }

    [TestCase("ifcfg", "etc/sysconfig/network-scripts", "BOOTPROTO=dhcp")]
    [TestCase("wicked", "etc/sysconfig/network", "BOOTPROTO='dhcp'")]
    public async Task MorphAsync_IfcfgReadByScripts_NamesCardsAsTheKernelDoes(string style, string folder, string dhcp)
    {
        using var guest = _rendered.Install("two-cards", style);

        await MorphAsync(guest);

        Assert.That(Directory.GetFiles(guest.Below(folder), "ifcfg-*").Select(Path.GetFileName).Order(), Is.EqualTo((string[])["ifcfg-eth0", "ifcfg-eth1"]));
        Assert.That(Machine.Run("sh", "-ec", $". \"$0\"; echo \"BOOTPROTO='$BOOTPROTO'\"", guest.Below($"{folder}/ifcfg-eth1")), Is.EqualTo("BOOTPROTO='dhcp'\n"));
        Assert.That(File.ReadAllText(guest.Below($"{folder}/ifcfg-eth0")), Does.Contain(dhcp));
        Assert.That(CommandLines(guest), Does.Contain("ro quiet net.ifnames=0"));
    }

    [Test]
    public async Task MorphAsync_IfcfgStaticKept_KeepsRoutesToo()
    {
        using var guest = _rendered.Install("static", "ifcfg");

        await MorphAsync(guest, keep: true);

        Assert.That(File.ReadAllText(guest.Below("etc/sysconfig/network-scripts/ifcfg-eth0")), Does.Contain("\nDEVICE=eth0\n").And.Contain("\nIPADDR=10.0.1.5\n").And.Not.Contain("HWADDR"));
        Assert.That(File.ReadAllText(guest.Below("etc/sysconfig/network-scripts/route-eth0")), Does.Contain("\nADDRESS0=10.9.0.0\n"));
    }

    [Test]
    public async Task MorphAsync_SecondCardOfAmazonLinux_LosesTheOldAddressAndLeavesTheFirstAlone()
    {
        using var guest = _rendered.Install("two-cards", "alpine");
        const string first = "DEVICE=eth0\nBOOTPROTO=dhcp\nONBOOT=yes\n";
        guest.Write("etc/sysconfig/network-scripts/ifcfg-eth0", first);
        guest.Write("etc/sysconfig/network-scripts/ifcfg-eth1", "DEVICE=eth1\nBOOTPROTO=dhcp\nONBOOT=yes\nHWADDR=0a:1b:2c:3d:4e:02\nDEFROUTE=no\nEC2SYNC=yes\n");

        await MorphAsync(guest);

        Assert.That(File.ReadAllText(guest.Below("etc/sysconfig/network-scripts/ifcfg-eth0")), Is.EqualTo(first));
        Assert.That(File.ReadAllText(guest.Below("etc/sysconfig/network-scripts/ifcfg-eth1")), Does.Contain("DEVICE=eth1\n").And.Not.Contain("HWADDR"));
    }

    [Test]
    public async Task MorphAsync_ConfigurationOfTheOwner_IsLeftAloneAndMentioned()
    {
        using var guest = _rendered.Install("two-cards", "netplan");
        const string own = "# No cloud-init here.\nnetwork:\n  version: 2\n  ethernets:\n    lan:\n      match:\n        macaddress: 02:00:00:00:00:01\n";
        guest.Write("etc/netplan/60-own.yaml", own);
        guest.Write("etc/network/interfaces", "# cloud-init does not manage this\nauto eth9\niface eth9 inet static\n    address 10.5.0.1/24\n");

        var report = await MorphAsync(guest);

        Assert.That(File.ReadAllText(guest.Below("etc/netplan/60-own.yaml")), Is.EqualTo(own));
        Assert.That(File.ReadAllText(guest.Below("etc/network/interfaces")), Does.Contain("10.5.0.1"));
        Assert.That(report.Warnings, Has.Some.Contains("/etc/netplan/60-own.yaml"));
    }

    [Test]
    public async Task MorphAsync_OwnersNetplanForOneCard_WinsOverThatForAnyCard()
    {
        using var guest = _rendered.Install("two-cards", "netplan");
        guest.Write("etc/netplan/60-own.yaml", "network:\n  version: 2\n  ethernets:\n    enp1s0:\n      addresses: [10.5.0.1/24]\n");

        await MorphAsync(guest);

        Assert.That(NetworkConsumers.Netplan(guest, "enp1s0"), Does.Match("enp1s0: found matching network.*10-netplan-enp1s0"));
    }

    [Test]
    public async Task MorphAsync_NetplanStaticKeptBesideOwnersForOneCard_LetsTheOwnersWin()
    {
        using var guest = _rendered.Install("static", "netplan");
        guest.Write("etc/netplan/60-own.yaml", "network:\n  version: 2\n  ethernets:\n    lan:\n      match:\n        name: enp1s0\n      addresses: [10.5.0.1/24]\n");

        await MorphAsync(guest, keep: true);

        Assert.That(NetworkConsumers.Netplan(guest, "enp1s0"), Does.Match("enp1s0: found matching network.*10-netplan-lan"));
    }

    [TestCase("two-cards", false)]
    [TestCase("static", true)]
    public async Task MorphAsync_NetworkManager_LetsConnectionsOfTheOwnerGoFirst(string config, bool keep)
    {
        using var guest = _rendered.Install(config, "networkmanager");
        foreach (var keyfile in Directory.GetFiles(guest.Below("etc/NetworkManager/system-connections")))
        {
            // As newer versions of cloud-init write it.
            var text = File.ReadAllText(keyfile);
            if (!text.Contains("autoconnect-priority", StringComparison.Ordinal))
                File.WriteAllText(keyfile, text.Replace("[connection]\n", "[connection]\nautoconnect-priority=120\n", StringComparison.Ordinal));
        }

        await MorphAsync(guest, keep);

        var written = Directory.GetFiles(guest.Below("etc/NetworkManager/system-connections"), "coriolis-*").Single();
        Assert.That(File.ReadAllText(written), Does.Match(@"\[connection\]\n([^\[].*\n)*autoconnect-priority=-100\n"));
        Assert.That(Regex.Count(File.ReadAllText(written), "autoconnect-priority="), Is.EqualTo(1));
    }

    [TestCase("[connection]\nid=lan\ntype=ethernet\n\n[ethernet]\nmac-address=0A:1B:2C:3D:4E:01\n", true)]
    [TestCase("[connection]\nid=lan\ntype=ethernet\n", false)]
    public async Task MorphAsync_OwnersKeyfiles_GetOneForAnyCardBesideThemIfAllAreBoundToOldCards(string keyfile, bool bound)
    {
        using var guest = new TemporaryDirectory();
        guest.Write("etc/cloud/cloud.cfg", "network: {config: disabled}\n");
        guest.Write("etc/NetworkManager/system-connections/lan.nmconnection", keyfile);

        var report = await MorphAsync(guest);
        var second = await MorphAsync(guest);

        Assert.That(File.Exists(guest.Below("etc/NetworkManager/system-connections/coriolis-dhcp.nmconnection")), Is.EqualTo(bound));
        Assert.That(File.ReadAllText(guest.Below("etc/NetworkManager/system-connections/lan.nmconnection")), Is.EqualTo(keyfile));
        Assert.That(report.Warnings.Any(warning => warning.Contains("lan.nmconnection", StringComparison.Ordinal)), Is.EqualTo(bound));
        Assert.That(second.Changes, Is.Empty);
    }

    [Test]
    public async Task MorphAsync_PersistentNames_GoButNotTheWishToHaveNone()
    {
        using var guest = _rendered.Install("two-cards", "ifupdown");
        guest.Write("etc/udev/rules.d/75-persistent-net-generator.rules", "");
        guest.Write("etc/systemd/network/50-cloud-init-ens5.link", "[Match]\nMACAddress=0a:1b:2c:3d:4e:01\n\n[Link]\nName=ens5\n");

        await MorphAsync(guest);

        Assert.That(Directory.GetFiles(guest.Below("etc/udev/rules.d")).Select(Path.GetFileName), Is.EqualTo((string[])["75-persistent-net-generator.rules"]));
        Assert.That(Directory.GetFiles(guest.Below("etc/systemd/network")), Is.Empty);
    }

    [Test]
    public async Task MorphAsync_IdentityOfTheMachine_Stays()
    {
        using var guest = _rendered.Install("two-cards", "netplan");
        guest.Write("etc/ssh/ssh_host_ed25519_key", "secret");
        guest.Write("home/admin/.ssh/authorized_keys", "ssh-ed25519 AAAA admin");

        await MorphAsync(guest);

        Assert.That(
            Machine.Run("sh", "-ec", "cd \"$0\"; cat etc/hostname etc/machine-id etc/ssh/ssh_host_ed25519_key home/admin/.ssh/authorized_keys", guest.Path),
            Is.EqualTo("web-1\n0123456789abcdef0123456789abcdef\nsecretssh-ed25519 AAAA admin"));
    }

    private static Task<MorphReport> MorphAsync(TemporaryDirectory guest, bool keep = false) =>
        TestMorpher.RunAsync("cloud-init removal", guest, request: new() { PreserveStaticNetwork = keep });

    /// <summary>Lines below /etc that match, with the names of their files.</summary>
    private static string Grep(TemporaryDirectory guest, string pattern) =>
        Machine.TryRun("sh", "-c", "cd \"$0\" && find etc | grep -E -e \"$1\"; grep -r -i -E -e \"$1\" etc", guest.Path, pattern).Output;

    private static string CommandLines(TemporaryDirectory guest) =>
        Machine.TryRun("sh", "-c", "cd \"$0\" && cat boot/grub/grub.cfg etc/default/grub 2>/dev/null", guest.Path).Output;
}
