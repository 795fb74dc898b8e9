using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Network;

/// <summary>All ways of configuring network cards that cloud-init can write.</summary>
internal static partial class NetworkStyles
{
    private const string Header = "# Written when the machine left AWS, in place of what cloud-init had written.\n";

    // What systemd and the kernel call Ethernet cards all begins with this letter: eth0, ens3, enp1s0, enx….
    private const string AnyCard = "e*";

    public static IReadOnlyList<NetworkStyle> All { get; } =
    [
        new()
        {
            Name = "netplan",
            Folder = "/etc/netplan",
            Endings = [".yaml", ".yml"],
            Replacement = "/etc/netplan/90-coriolis-dhcp.yaml",
            Mode = GuestEditor.Secret,
            Dhcp = _ => $"""
                {Header}network:
                  version: 2
                  ethernets:
                    any:
                      match:
                        name: "{AnyCard}"
                      dhcp4: true
                      dhcp6: true
                      dhcp-identifier: mac

                """,
            Static = NetplanStatic(),
            Unbind = text => SetName().Replace(NetplanMac().Replace(text, $"$1name: \"{AnyCard}\"\n"), ""),
        },
        new()
        {
            Name = "ifupdown",
            Folder = "/etc/network/interfaces.d",
            Replacement = "/etc/network/interfaces.d/coriolis-dhcp",
            Dhcp = _ => $"""
                {Header}auto lo
                iface lo inet loopback

                auto /{AnyCard}=coriolis-dhcp
                iface coriolis-dhcp inet dhcp
                iface coriolis-dhcp inet6 auto

                """,
            Static = IfupdownStatic(),
            Unbind = text => IfupdownMac().Replace(text, ""),
        },
        new()
        {
            Name = "NetworkManager",
            Folder = "/etc/NetworkManager/system-connections",
            Prefix = "cloud-init",
            Endings = [".nmconnection"],
            Replacement = "/etc/NetworkManager/system-connections/coriolis-dhcp.nmconnection",
            Mode = GuestEditor.Secret,
            Dhcp = _ => $"""
                {Header}[connection]
                id=coriolis-dhcp
                uuid=2f8c2a4e-6d0b-5e0f-9c57-6b1a0b6f5d01
                type=ethernet
                autoconnect=true
                multi-connect=3

                [ipv4]
                method=auto

                [ipv6]
                method=auto

                """,
            Static = KeyfileStatic(),
            Unbind = text => KeyfileCard().Replace(text, ""),
        },
        new()
        {
            Name = "systemd-networkd",
            Folder = "/etc/systemd/network",
            Endings = [".network"],
            Replacement = "/etc/systemd/network/90-coriolis-dhcp.network",
            Dhcp = _ => $"""
                {Header}[Match]
                Type=ether
                Kind=!*

                [Network]
                DHCP=yes

                [DHCPv4]
                ClientIdentifier=mac

                """,
            Static = NetworkdStatic(),
            Unbind = text => NetworkdName().Replace(NetworkdMac().Replace(text, "Type=ether\n"), ""),
        },
        Ifcfg("ifcfg", "/etc/sysconfig/network-scripts", card => $"DEVICE={card}\nTYPE=Ethernet\nBOOTPROTO=dhcp\nONBOOT=yes\nIPV6INIT=yes\nUSERCTL=no\n"),
        Ifcfg("wicked", "/etc/sysconfig/network", _ => "BOOTPROTO='dhcp'\nSTARTMODE='auto'\n"),
    ];

    private static NetworkStyle Ifcfg(string name, string folder, Func<string, string> dhcp) => new()
    {
        Name = name,
        Folder = folder,
        Prefix = "ifcfg-",
        Dhcp = path => Header + dhcp(path[(path.LastIndexOf('/') + "/ifcfg-".Length)..]),
        Static = IfcfgStatic(),
        Unbind = text => IfcfgMac().Replace(text, ""),
    };

    [GeneratedRegex(@"^\s*addresses:", RegexOptions.Multiline)]
    private static partial Regex NetplanStatic();

    [GeneratedRegex(@"^(\s*)macaddress:.*\n", RegexOptions.Multiline)]
    private static partial Regex NetplanMac();

    [GeneratedRegex(@"^\s*set-name:.*\n", RegexOptions.Multiline)]
    private static partial Regex SetName();

    [GeneratedRegex(@"^\s*iface\s+\S+\s+inet6?\s+static", RegexOptions.Multiline)]
    private static partial Regex IfupdownStatic();

    [GeneratedRegex(@"^\s*hwaddress\s.*\n", RegexOptions.Multiline)]
    private static partial Regex IfupdownMac();

    [GeneratedRegex(@"^method=manual", RegexOptions.Multiline)]
    private static partial Regex KeyfileStatic();

    [GeneratedRegex(@"^(mac-address|interface-name)=.*\n", RegexOptions.Multiline)]
    private static partial Regex KeyfileCard();

    [GeneratedRegex(@"^Address=", RegexOptions.Multiline)]
    private static partial Regex NetworkdStatic();

    [GeneratedRegex(@"^(Permanent)?MACAddress=.*\n", RegexOptions.Multiline)]
    private static partial Regex NetworkdMac();

    [GeneratedRegex(@"^Name=.*\n", RegexOptions.Multiline)]
    private static partial Regex NetworkdName();

    [GeneratedRegex(@"^IPADDR\d*=", RegexOptions.Multiline)]
    private static partial Regex IfcfgStatic();

    [GeneratedRegex(@"^(HWADDR|MACADDR|LLADDR)=.*\n", RegexOptions.Multiline)]
    private static partial Regex IfcfgMac();
}
