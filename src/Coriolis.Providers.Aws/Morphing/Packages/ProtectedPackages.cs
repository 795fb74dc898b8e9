using System.Text.RegularExpressions;

namespace Coriolis.Providers.Aws.Morphing.Packages;

/// <summary>Packages without which a guest does not boot or cannot be reached, in any distribution's words.</summary>
internal static partial class ProtectedPackages
{
    public static bool Contains(string name) => Pattern().IsMatch(name);

    public static RemovalPlan Judge(IReadOnlyList<string> packages, Func<string, bool>? isEssential = null)
    {
        var needed = packages.Where(name => Contains(name) || isEssential?.Invoke(name) == true).ToList();
        return needed.Count == 0
            ? new(packages)
            : new(packages, $"it would take {string.Join(", ", needed)} with it, which the guest needs to boot or to be reached");
    }

    [GeneratedRegex("""
        ^(linux-(image|modules|signed|generic|virtual|cloud|aws|azure|lts|virt|hardened|zen|kvm|firmware).*|linux|kernel(-.*)?|
        systemd(-.*)?|init|sysvinit-core|openrc|busybox.*|alpine-base|udev|eudev|mdevd?|dbus(-.*)?|
        openssh(-.*)?|ssh|dropbear.*|
        ifupdown(2|-ng)?|netplan[.]io|netplan-.*|network-manager|NetworkManager(-.*)?|networkmanager|wicked(-.*)?|netctl|connman|
        initscripts|network-scripts|sysconfig(-.*)?|isc-dhcp-client|dhclient|dhcp-client|dhcpcd.*|udhcpc|netcfg|iproute2?|iproute-minimal|
        grub.*|shim.*|systemd-boot.*|extlinux|syslinux.*|
        initramfs-tools.*|dracut.*|mkinitcpio|mkinitfs|suse-module-tools|
        dpkg|apt|rpm|dnf.*|yum.*|zypper|libzypp|apk-tools|pacman|
        filesystem|base-files|setup|aaa_base|.*-release(-.*)?|selinux-policy.*|pam|libpam-.*|
        glibc.*|libc6|musl|bash|dash|coreutils|util-linux.*|mount|login|passwd|shadow.*|sudo|lvm2|cryptsetup.*|mdadm|e2fsprogs|xfsprogs|btrfs.*)$
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
