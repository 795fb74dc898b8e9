using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Network;

/// <summary>Network configurations as the real cloud-init writes them for each distribution, each in a folder of its own.</summary>
internal sealed class RenderedGuests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private RenderedGuests()
    {
    }

    /// <summary>Runs the renderers of the cloud-init that is installed in a Debian.</summary>
    public static RenderedGuests Create()
    {
        var guests = new RenderedGuests();
        Machine.Run(
            "unshare", "--mount", "sh", "-ec",
            """
            cp "$2"/*.yaml "$2"/render-network.py "$1"
            mount --bind "$1" "$0/mnt"
            for config in "$1"/*.yaml; do
                name=$(basename "$config" .yaml)
                chroot "$0" python3 -B /mnt/render-network.py "/mnt/$name" < "$config"
            done
            """,
            DebianGuest.Plain.Root, guests._directory.Path, Path.Combine(AppContext.BaseDirectory, "Network"));
        return guests;
    }

    /// <summary>A guest of its own with one configuration in one style, and with the other files that matter to its network.</summary>
    public TemporaryDirectory Install(string config, string style)
    {
        var guest = new TemporaryDirectory();
        Machine.Run("cp", "--archive", $"{_directory.Path}/{config}/{style}/.", guest.Path);
        guest.Write("etc/cloud/cloud.cfg", "datasource_list: [ Ec2 ]\n");
        guest.Write("etc/hostname", "web-1\n");
        guest.Write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        if (style == "alpine")
            return guest;

        guest.Write("usr/lib/udev/rules.d/80-net-setup-link.rules", "");
        guest.Write("etc/default/grub", "GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX=\"quiet\"\n");
        guest.Write("boot/grub/grub.cfg", "menuentry 'Linux' {\n\tlinux /boot/vmlinuz root=UUID=1 ro quiet\n}\nmenuentry 'Memory test' {\n\tlinux16 /boot/memtest86+.bin\n}\n");
        if (style == "ifupdown")
        {
            guest.Write("etc/network/interfaces", "source /etc/network/interfaces.d/*\n");
            guest.Write("var/lib/dpkg/status", "Package: ifupdown\nStatus: install ok installed\nVersion: 0.8.41\n\n");
        }

        return guest;
    }

    public void Dispose() => _directory.Dispose();
}
