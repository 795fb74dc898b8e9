using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Network;

/// <summary>All ways of configuring network cards that cloud-init can write.</summary>
internal static partial class NetworkStyles
{
    public const string Header = "# Written when the machine left AWS, in place of what cloud-init had written.\n";

    // What systemd and the kernel call Ethernet cards all begins with this letter: eth0, ens3, enp1s0, enx….
    private const string AnyCard = "e*";

    // Settings for any card must not win over those of the owner for one. Connections of NetworkManager have a priority of 0; systemd takes the
    // first file that matches, and netplan names its files after definitions.
    private const string AnyCardPriority = "-100";
    private const string AnyCardDefinition = "zz-coriolis";

    public static NetworkFile NetworkManagerDhcp { get; } = new(
        "/etc/NetworkManager/system-connections/coriolis-dhcp.nmconnection",
        $"""
        {Header}[connection]
        id=coriolis-dhcp
        uuid=2f8c2a4e-6d0b-5e0f-9c57-6b1a0b6f5d01
        type=ethernet
        autoconnect=true
        autoconnect-priority={AnyCardPriority}
        multi-connect=3

        [ipv4]
        method=auto

        [ipv6]
        method=auto

        """,
        GuestEditor.Secret);

    public static NetworkStyle Networkd { get; } = new()
    {
        Folder = "/etc/systemd/network",
        Endings = [".network"],
        Static = NetworkdStatic(),
        Compound = NetworkdCompound(),
        Dhcp = _ =>
        [
            new("/etc/systemd/network/90-coriolis-dhcp.network", $"""
                {Header}[Match]
                Type=ether
                Kind=!*

                [Network]
                DHCP=yes

                [DHCPv4]
                ClientIdentifier=mac

                """),
        ],
        OnAnyCard = text => NetworkdMatch().IsMatch(text) ? NetworkdMac().Replace(NetworkdMatch().Replace(text, "[Match]\nType=ether\nKind=!*\n\n"), "") : null,
        ByName = file => NetworkdMac().Replace(file.Text, ""),
    };

    private static NetworkStyle Netplan { get; } = new()
    {
        Folder = "/etc/netplan",
        Endings = [".yaml", ".yml"],
        Mode = GuestEditor.Secret,
        Static = NetplanStatic(),
        Compound = NetplanCompound(),
        Dhcp = _ =>
        [
            new("/etc/netplan/90-coriolis-dhcp.yaml", $"""
                {Header}network:
                  version: 2
                  ethernets:
                    {AnyCardDefinition}:
                      match:
                        name: "{AnyCard}"
                      dhcp4: true
                      dhcp6: true
                      dhcp-identifier: mac

                """),
        ],
        OnAnyCard = text => NetplanMatch().IsMatch(text)
            ? NetplanSetName().Replace(
                NetplanMatch().Replace(
                    NetplanDefinition().Replace(text, match => match.Groups["before"].Value + AnyCardDefinition + ":\n"),
                    match => $"{match.Groups["indent"]}match:\n{match.Groups["indent"]}    name: \"{AnyCard}\"\n"),
                "")
            : null,
        ByName = file => NetplanMac().Replace(NetplanSetName().Replace(NetplanMatch().Replace(file.Text, ""), ""), ""),
    };

    public static NetworkStyle NetworkManager { get; } = new()
    {
        Folder = "/etc/NetworkManager/system-connections",
        Endings = [".nmconnection"],
        Mode = GuestEditor.Secret,
        Static = KeyfileStatic(),
        Compound = KeyfileCompound(),
        Dhcp = _ => [NetworkManagerDhcp],
        OnAnyCard = text => KeyfileConnection().Replace(KeyfilePriority().Replace(KeyfileCard().Replace(text, ""), ""), $"[connection]\nautoconnect-priority={AnyCardPriority}\n"),
        ByName = file => KeyfileEthernet().IsMatch(file.Text) && RenderedNetwork.CardOf(file) is { } card
            ? KeyfileEthernet().Replace(KeyfileCard().Replace(file.Text, ""), $"type=ethernet\ninterface-name={card}\n")
            : file.Text,
    };

    public static IReadOnlyList<NetworkStyle> For(GuestNetwork guest) =>
    [
        Netplan,
        Ifupdown(guest.HasInterfacePatterns),
        NetworkManager,
        Networkd,
        Ifcfg("/etc/sysconfig/network-scripts", guest.RunsNetworkManager, card =>
            $"DEVICE={card}\nTYPE=Ethernet\nBOOTPROTO=dhcp\nONBOOT=yes\nIPV6INIT=yes\nUSERCTL=no\n"),

        // wicked waits at boot for a card that starts automatically, so only the first one does.
        Ifcfg("/etc/sysconfig/network", guest.RunsNetworkManager, card => $"BOOTPROTO='dhcp'\nSTARTMODE='{(card == "eth0" ? "auto" : "hotplug")}'\n"),
    ];

    private static NetworkStyle Ifupdown(bool hasPatterns) => new()
    {
        Folder = "/etc/network/interfaces.d",
        MainFile = "/etc/network/interfaces",
        Static = IfupdownStatic(),
        Compound = IfupdownCompound(),
        DhcpOnAnyCard = hasPatterns,
        Dhcp = rendered => [IfupdownDhcp(rendered, hasPatterns)],
        ByName = file => IfupdownMac().Replace(file.Text, ""),
    };

    // The file is where the one of cloud-init was, with its ending: the main file may include *.cfg only, or names without a dot only.
    private static NetworkFile IfupdownDhcp(RenderedNetwork rendered, bool hasPatterns)
    {
        const string main = "/etc/network/interfaces";
        var old = rendered.Files.FirstOrDefault(file => file.Path == main) ?? rendered.Files[0];
        var includes = old.Path == main ? string.Concat(IfupdownInclude().Matches(old.Text).Select(match => $"{match.Value.Trim()}\n")) : "";
        var cards = hasPatterns
            ? $"auto /{AnyCard}=coriolis-dhcp\niface coriolis-dhcp inet dhcp\niface coriolis-dhcp inet6 auto\n"
            : string.Join('\n', rendered.KernelNames.Select(card => $"auto {card}\niface {card} inet dhcp\n"));
        return new(
            old.Path == main ? main : $"/etc/network/interfaces.d/coriolis-dhcp{System.IO.Path.GetExtension(old.Name)}",
            $"{Header}{includes}auto lo\niface lo inet loopback\n\n{cards}");
    }

    private static NetworkStyle Ifcfg(string folder, bool runsNetworkManager, Func<string, string> dhcp) => new()
    {
        Folder = folder,
        Prefixes = ["ifcfg-", "route-", "route6-", "ifroute-"],
        Static = IfcfgStatic(),
        Compound = IfcfgCompound(),
        DhcpOnAnyCard = runsNetworkManager,
        Dhcp = rendered => runsNetworkManager
            ? [NetworkManagerDhcp]
            : [.. rendered.KernelNames.Select(card => new NetworkFile($"{folder}/ifcfg-{card}", Header + dhcp(card)))],
        ByName = file => IfcfgMac().Replace(file.Text, ""),
    };

    /// <summary>Matches a configuration that is bound to the hardware address of a card, in any style.</summary>
    [GeneratedRegex(@"^\s*(HWADDR|LLADDR|mac-address|(Permanent)?MACAddress|macaddress|hwaddress)\s*[=:\s]", RegexOptions.Multiline)]
    public static partial Regex OldCard();

    [GeneratedRegex(@"^\s*addresses:", RegexOptions.Multiline)]
    private static partial Regex NetplanStatic();

    [GeneratedRegex(@"^\s+(bonds|bridges|vlans|tunnels|vrfs):", RegexOptions.Multiline)]
    private static partial Regex NetplanCompound();

    // The mapping and all that is further right.
    [GeneratedRegex(@"^(?<indent>[ ]*)match:[ ]*\n(\k<indent>[ ]+.*\n)+", RegexOptions.Multiline)]
    private static partial Regex NetplanMatch();

    // The name of the first definition below "ethernets".
    [GeneratedRegex(@"^(?<before>[ ]*ethernets:[ ]*\n[ ]+)\S+:[ ]*\n", RegexOptions.Multiline)]
    private static partial Regex NetplanDefinition();

    [GeneratedRegex(@"^\s*set-name:.*\n", RegexOptions.Multiline)]
    private static partial Regex NetplanSetName();

    [GeneratedRegex(@"^\s*macaddress:.*\n", RegexOptions.Multiline)]
    private static partial Regex NetplanMac();

    [GeneratedRegex(@"^\s*iface\s+\S+\s+inet6?\s+static", RegexOptions.Multiline)]
    private static partial Regex IfupdownStatic();

    [GeneratedRegex(@"^\s+(bond[-_]|bridge[-_]ports|vlan[-_])", RegexOptions.Multiline)]
    private static partial Regex IfupdownCompound();

    [GeneratedRegex(@"^\s*hwaddress\s.*\n", RegexOptions.Multiline)]
    private static partial Regex IfupdownMac();

    [GeneratedRegex(@"^\s*source(-directory)?\s.*$", RegexOptions.Multiline)]
    private static partial Regex IfupdownInclude();

    [GeneratedRegex(@"^method=manual", RegexOptions.Multiline)]
    private static partial Regex KeyfileStatic();

    [GeneratedRegex(@"^(type=(bond|bridge|vlan|team)|(slave-type|master|controller|port-type)=)", RegexOptions.Multiline)]
    private static partial Regex KeyfileCompound();

    [GeneratedRegex(@"^(mac-address|interface-name)=.*\n", RegexOptions.Multiline)]
    private static partial Regex KeyfileCard();

    // cloud-init gives its connections a priority above all others', and the last one in a file counts.
    [GeneratedRegex(@"^autoconnect-priority=.*\n", RegexOptions.Multiline)]
    private static partial Regex KeyfilePriority();

    [GeneratedRegex(@"^\[connection\]\n", RegexOptions.Multiline)]
    private static partial Regex KeyfileConnection();

    [GeneratedRegex(@"^type=ethernet\n", RegexOptions.Multiline)]
    private static partial Regex KeyfileEthernet();

    [GeneratedRegex(@"^Address=", RegexOptions.Multiline)]
    private static partial Regex NetworkdStatic();

    [GeneratedRegex(@"^((Bond|Bridge|VLAN|VRF)=|Name=(?!e))", RegexOptions.Multiline)]
    private static partial Regex NetworkdCompound();

    [GeneratedRegex(@"^\[Match\]\n([^\[].*\n|\n)*", RegexOptions.Multiline)]
    private static partial Regex NetworkdMatch();

    // Also of [Link], where it would give the old card's address to the new one.
    [GeneratedRegex(@"^(Permanent)?MACAddress=.*\n", RegexOptions.Multiline)]
    private static partial Regex NetworkdMac();

    [GeneratedRegex(@"^IPADDR\d*=", RegexOptions.Multiline)]
    private static partial Regex IfcfgStatic();

    [GeneratedRegex(@"^(TYPE=(Bond|Bridge|Vlan|Team)|(BONDING_MASTER|MASTER|BRIDGE|BRIDGE_PORTS|VLAN|VLAN_ID|PHYSDEV|ETHERDEVICE)=)", RegexOptions.Multiline)]
    private static partial Regex IfcfgCompound();

    [GeneratedRegex(@"^(HWADDR|MACADDR|LLADDR)=.*\n", RegexOptions.Multiline)]
    private static partial Regex IfcfgMac();
}
