namespace Coriolis.Morphing.Tests.Support;

/// <summary>A Debian that debootstrap made, with the real cloud-init, once for all test runs of a build tree.</summary>
internal sealed class DebianGuest
{
    private const string Packages =
        "cloud-init,python3-cffi-backend,openssh-server,ifupdown,netplan.io,isc-dhcp-client,systemd-sysv,udev,sudo,initramfs-tools,rpm";

    /// <summary>What a guest has installed that is only looked at.</summary>
    public static readonly DebianGuest Plain = new("debian-bookworm", Packages);

    /// <summary>With what it takes to boot, and with the tools that open disks of others.</summary>
    public static readonly DebianGuest Bootable = new(
        "debian-bookworm-bootable",
        Packages + ",linux-image-amd64,grub-pc-bin,grub-common,dbus,iproute2,fdisk,lvm2,cryptsetup-bin,mdadm,xfsprogs,btrfs-progs,dosfstools");

    private readonly string _name;
    private readonly Lazy<string?> _root;

    private DebianGuest(string name, string packages)
    {
        _name = name;
        _root = new(() => Create(packages));
    }

    /// <summary>Where guests are kept between test runs: artifacts/guests, as the tests run in artifacts/bin/PROJECT/release.</summary>
    public static string Cache => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../guests"));

    /// <summary>The guest itself, which tests do not change; skips the test where it cannot be made.</summary>
    public string Root
    {
        get
        {
            Machine.NeedsRoot();
            Machine.NeedsProgram("debootstrap");
            Assume.That(_root.Value, Is.Not.Null, "needs a Debian mirror that debootstrap reaches");
            return _root.Value!;
        }
    }

    /// <summary>Copies the guest to a directory that does not exist yet; skips the test where no guest can be made.</summary>
    public void CopyTo(string directory) => Machine.Run("cp", "--archive", "--reflink=auto", Root, directory);

    private string? Create(string packages)
    {
        var root = Path.Combine(Cache, _name);
        if (Directory.Exists(root))
            return root;

        Directory.CreateDirectory(Cache);
        var unfinished = $"{root}.{Environment.ProcessId}";
        var (exitCode, output) = Machine.TryRun("debootstrap", "--variant=minbase", $"--include={packages}", "bookworm", unfinished);
        if (exitCode != 0)
        {
            TestContext.Progress.WriteLine(output);
            return null;
        }

        Directory.Delete(Path.Combine(unfinished, "var/cache/apt/archives"), recursive: true);
        Directory.Move(unfinished, root);
        return root;
    }
}
