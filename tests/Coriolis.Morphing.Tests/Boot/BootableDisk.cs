using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Boot;

/// <summary>The disk of a Debian as it comes from EC2: its boot loader works, and cloud-init has set it up in its first boot.</summary>
internal static class BootableDisk
{
    public const string Password = "kept-by-the-morph";
    public const string HostName = "web-1";
    private const string RootUuid = "5d6f0e2c-1f0b-4c39-9a51-0f3a2a3c1e11";
    private const string Card = "0a:ff:00:00:00:01";

    /// <summary>Copies the disk, which is made once for all test runs of a build tree.</summary>
    public static async Task CopyToAsync(string path)
    {
        var disk = Path.Combine(DebianGuest.Cache, "debian-bookworm-booted.raw");
        if (!File.Exists(disk))
        {
            using var directory = new TemporaryDirectory();
            var fresh = directory.Below("fresh.raw");
            Install(fresh, directory.Below("guest"));
            await BootOnceAsync(fresh);
            DiskFile.Copy(fresh, disk + ".unfinished");
            File.Move(disk + ".unfinished", disk);
        }

        DiskFile.Copy(disk, path);
    }

    private static void Install(string disk, string guest)
    {
        DebianGuest.Bootable.CopyTo(guest);
        Machine.Run("chroot", guest, "sh", "-c", $"echo root:{Password} | chpasswd");
        Write(guest, "etc/fstab", $"UUID={RootUuid} / ext4 defaults 0 1\n");

        // What EC2's metadata service would say, read from a place that needs no network: one card, known by its address.
        Write(guest, "var/lib/cloud/seed/nocloud/meta-data", $"instance-id: i-0123456789abcdef0\nlocal-hostname: {HostName}\n");
        Write(guest, "var/lib/cloud/seed/nocloud/user-data", "#cloud-config\nlocale: false\n");
        Write(guest, "var/lib/cloud/seed/nocloud/network-config", $$"""
            version: 2
            ethernets:
              ens5:
                match: {macaddress: "{{Card}}"}
                set-name: ens5
                dhcp4: true

            """);
        var kernel = Path.GetFileName(Directory.GetFiles(Path.Combine(guest, "boot"), "vmlinuz-*").Single())["vmlinuz-".Length..];
        Write(guest, "boot/grub/grub.cfg", $$"""
            set timeout=0
            menuentry Debian {
                search --no-floppy --fs-uuid --set=root {{RootUuid}}
                linux /boot/vmlinuz-{{kernel}} root=UUID={{RootUuid}} ro console=tty0 console=hvc0 console=ttyS0,115200 ds=nocloud
                initrd /boot/initrd.img-{{kernel}}
            }

            """);
        DiskFile.Create(disk, guest, sizeMiB: 3072, uuid: RootUuid);
        BootLoader.Install(disk, guest);
    }

    private static async Task BootOnceAsync(string disk)
    {
        using var machine = QemuMachine.Start([disk], "-m", "1024", "-netdev", "user,id=n,restrict=on", "-device", $"virtio-net-pci,netdev=n,mac={Card}");
        await machine.LogInAsync("root", Password);
        var state = await machine.RunAsync("cloud-init status --wait; cat /etc/network/interfaces.d/50-cloud-init; ip -4 -oneline addr", TimeSpan.FromMinutes(5));
        Assert.That(state, Does.Contain("status: done").And.Contain("iface ens5 inet dhcp").And.Contain("10.0.2.15"), "the source works as on EC2");
        await machine.PowerOffAsync();
    }

    private static void Write(string guest, string path, string text)
    {
        var file = Path.Combine(guest, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
