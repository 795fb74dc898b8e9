using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Boot;

/// <summary>Words for EC2 and cloud-init on kernel command lines, wherever boot loaders have them.</summary>
public sealed class KernelCommandLineTests
{
    [TestCase("boot/grub2/grub.cfg", "\tlinux16 /boot/vmlinuz-5 root=UUID=1 ro console=hvc0 console=ttyS0,115200n8 net.ifnames=0\n", "\tlinux16 /boot/vmlinuz-5 root=UUID=1 ro console=ttyS0,115200n8 net.ifnames=0\n")]
    [TestCase("boot/loader/entries/abc-5.conf", "title RHEL\noptions $kernelopts console=xvc0 nvme_core.io_timeout=4294967295\n", "title RHEL\noptions $kernelopts ")]
    [TestCase("boot/extlinux.conf", "LABEL virt\n  APPEND root=UUID=1 modules=ext4 console=hvc0 quiet\n", "LABEL virt\n  APPEND root=UUID=1 modules=ext4 quiet\n")]
    [TestCase("boot/extlinux/extlinux.conf", "label l0\n\tappend root=/dev/vda1 ds=nocloud quiet\n", "label l0\n\tappend root=/dev/vda1 quiet\n")]
    [TestCase("etc/update-extlinux.conf", "default_kernel_opts=\"quiet console=hvc0\"\n", "default_kernel_opts=\"quiet \"\n")]
    [TestCase("etc/kernel/cmdline", "root=UUID=1 console=hvc0 quiet\n", "root=UUID=1 quiet\n")]
    [TestCase("etc/default/grub.d/50-cloudimg-settings.cfg", "GRUB_CMDLINE_LINUX_DEFAULT=\"console=tty1 console=hvc0\"\n", "GRUB_CMDLINE_LINUX_DEFAULT=\"console=tty1 \"\n")]
    [TestCase("boot/grub/menu.lst", "# kernel /boot/x console=hvc0\nkernel /boot/vmlinuz root=LABEL=/ console=hvc0\n", "# kernel /boot/x console=hvc0\nkernel /boot/vmlinuz root=LABEL=/ ")]
    public async Task MorphAsync_WordsOfEc2_GoAndTheRestStays(string path, string before, string after)
    {
        using var guest = new TemporaryDirectory();
        guest.Write(path, before);

        await TestMorpher.RunAsync("boot", guest);
        var second = await TestMorpher.RunAsync("boot", guest);

        Assert.That(File.ReadAllText(guest.Below(path)).TrimEnd('\n'), Is.EqualTo(after.TrimEnd('\n')));
        Assert.That(second.Changes, Is.Empty);
    }

    [Test]
    public async Task MorphAsync_EnvironmentBlock_KeepsItsSize()
    {
        using var guest = new TemporaryDirectory();
        guest.Write("boot/grub2/grubenv", "# GRUB Environment Block\nsaved_entry=abc\nkernelopts=root=UUID=1 ro console=hvc0 quiet\n".PadRight(1024, '#'));

        await TestMorpher.RunAsync("boot", guest);

        Assert.That(
            File.ReadAllText(guest.Below("boot/grub2/grubenv")),
            Is.EqualTo("# GRUB Environment Block\nsaved_entry=abc\nkernelopts=root=UUID=1 ro quiet\n".PadRight(1024, '#')));
    }

    [Test]
    public async Task MorphAsync_NothingOfEc2_ChangesNothing()
    {
        using var guest = new TemporaryDirectory();
        guest.Write("etc/default/grub", "GRUB_CMDLINE_LINUX=\"console=tty0 console=ttyS0,115200n8 crashkernel=auto\"\nGRUB_TERMINAL=\"serial console\"\n");
        guest.Write("boot/grub2/grub.cfg", "linux /vmlinuz root=UUID=1 console=ttyS0\nset timeout=5\n");
        var before = TestMorpher.Snapshot(guest);

        var report = await TestMorpher.RunAsync("boot", guest);

        Assert.That(report.Changes, Is.Empty);
        Assert.That(TestMorpher.Snapshot(guest), Is.EqualTo(before));
    }
}
