using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Network;

/// <summary>Runs the real programs that read a guest's network configuration, where cards have other names than in EC2.</summary>
internal static class NetworkConsumers
{
    // Debian's programs see the guest's configuration, and virtual cards in a network namespace of their own.
    private const string Prelude = """
        root=$0; guest=$1; shift
        for card; do
            ip link add "$card" type veth peer name "p-$card"
            ip link set "p-$card" up
        done
        mount -t proc proc "$root/proc"
        mount -t sysfs -o ro sysfs "$root/sys"
        mount -t tmpfs tmpfs "$root/run"
        mkdir "$root/run/network" "$root/run/systemd"
        for folder in netplan network systemd/network NetworkManager; do
            [ ! -d "$guest/etc/$folder" ] || mount --bind "$guest/etc/$folder" "$root/etc/$folder"
        done

        """;

    // It says what it does with each card and then never ends; two seconds are enough for addresses of its own.
    private const string RunNetworkd = """
        SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console timeout 2 chroot "$root" /lib/systemd/systemd-networkd | grep -e Unknown -e Failed.to.parse -e found.matching || true
        ip -brief address

        """;

    /// <summary>What ifup would run to bring everything up.</summary>
    public static string Ifup(TemporaryDirectory guest, params string[] cards) =>
        Run(DebianGuest.Plain.Root, "chroot \"$root\" ifup --no-act --all --verbose", guest, cards);

    /// <summary>Which files networkd finds for the cards, what it does not understand, and the addresses that they get.</summary>
    public static string Networkd(TemporaryDirectory guest, params string[] cards) => Run(DebianGuest.Plain.Root, RunNetworkd, guest, cards);

    /// <summary>As <see cref="Networkd"/>, with what netplan generates for it.</summary>
    public static string Netplan(TemporaryDirectory guest, params string[] cards) =>
        Run(DebianGuest.Plain.Root, "chroot \"$root\" netplan generate\n" + RunNetworkd, guest, cards);

    /// <summary>A connection as NetworkManager understands it.</summary>
    public static string Nmcli(TemporaryDirectory guest, string file)
    {
        Machine.Run("chown", "0:0", guest.Below(file));
        return Run(DebianTools.Root, $"chroot \"$root\" nmcli --offline connection modify connection.autoconnect yes < \"$guest/{file}\"", guest, []);
    }

    private static string Run(string root, string script, TemporaryDirectory guest, string[] cards)
    {
        Machine.NeedsProgram("ip");
        return Machine.Run("unshare", ["--mount", "--net", "--pid", "--fork", "sh", "-ec", Prelude + script, root, guest.Path, .. cards]);
    }
}
