using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers;

namespace Coriolis.Morphing.Tests.Boot;

/// <summary>Initial RAM disks that a guest's own tool makes, read with the tool's own program. The drivers of the guest's kernel are modules of no content.</summary>
public abstract class InitramfsConformance
{
    private const string Kernel = "6.1.0-1-test";
    private const string OtherKernel = "6.1.0-2-test";

    private static readonly string[] s_drivers = ["ahci", "hv_storvsc", "nvme", "virtio_blk", "virtio_pci", "virtio_scsi", "vmw_pvscsi"];

    private ScratchGuest _guest = null!;

    /// <summary>The guest that has the tool.</summary>
    private protected abstract string Base { get; }

    /// <summary>Where the tool puts the image of a kernel.</summary>
    private protected abstract string ImageOf(string kernel);

    /// <summary>A script that makes the image of the kernel <c>$kernel</c> with the drivers <c>$drivers</c> alone.</summary>
    private protected abstract string MakeScript { get; }

    /// <summary>A script that prints what is in the image <c>$image</c>.</summary>
    private protected abstract string ListScript { get; }

    /// <summary>Where what was wanted is written down for the next kernel.</summary>
    private protected abstract string ConfigurationFile { get; }

    [SetUp]
    public void CreateGuest()
    {
        Machine.NeedsProgram("gcc");
        _guest = new(Base);
        PrepareGuest(_guest);
    }

    [TearDown]
    public void DeleteGuest() => _guest?.Dispose();

    private protected virtual void PrepareGuest(ScratchGuest guest)
    {
    }

    [Test]
    public async Task MorphAsync_ImageHasAllDrivers_IsNotTouched()
    {
        InstallKernel(Kernel, s_drivers);
        MakeImage(Kernel, s_drivers);
        var before = Boot();

        var report = await MorphAsync();

        Assert.That(Boot(), Is.EqualTo(before));
        Assert.That((report.Changes, report.Warnings), Is.EqualTo((Array.Empty<MorphChange>(), Array.Empty<string>())));
    }

    [Test]
    public async Task MorphAsync_DriversAreMissing_MakesTheImageAnewAndNoOther()
    {
        InstallKernel(Kernel, s_drivers);
        InstallKernel(OtherKernel, s_drivers);
        MakeImage(Kernel, "ahci", "nvme", "virtio_blk", "virtio_pci", "virtio_scsi");
        MakeImage(OtherKernel, s_drivers);
        Machine.Run("chmod", "640", _guest.Below(ImageOf(Kernel)));
        var other = Machine.Run("stat", "--format=%n %i %Y %s", _guest.Below(ImageOf(OtherKernel)));
        Assert.That(DriversIn(Kernel), Does.Not.Contain("hv_storvsc").And.Not.Contain("vmw_pvscsi"));

        var report = await MorphAsync();

        Assert.That(DriversIn(Kernel), Is.EqualTo(s_drivers));
        Assert.That(Machine.Run("stat", "--format=%n %i %Y %s", _guest.Below(ImageOf(OtherKernel))), Is.EqualTo(other));
        Assert.That(report.Changes, Has.One.EqualTo(new MorphChange(MorphChangeKind.FileWritten, ImageOf(Kernel), "it lacked vmw_pvscsi, hv_storvsc")));
        Assert.That(report.Warnings, Is.Empty);
        Assert.That(File.ReadAllText(_guest.Below(ConfigurationFile)), Does.Contain("hv_storvsc").And.Contain("ahci"));
        var after = Boot();
        Assert.That((await MorphAsync()).Changes, Is.Empty);
        Assert.That(Boot(), Is.EqualTo(after));
    }

    [Test]
    public async Task MorphAsync_DriverThatTheKernelHasBuiltIn_IsNotMissed()
    {
        InstallKernel(Kernel, "nvme", "virtio_blk");
        MakeImage(Kernel, "nvme", "virtio_blk");
        var before = Boot();

        var report = await MorphAsync();

        Assert.That(Boot(), Is.EqualTo(before));
        Assert.That(report.Changes, Is.Empty);
    }

    [Test]
    public async Task MorphAsync_ToolFails_LeavesTheOldImageAndSaysSo()
    {
        InstallKernel(Kernel, s_drivers);
        MakeImage(Kernel, "nvme");

        // Every tool packs with cpio, and reads with it.
        _guest.Run("mv /usr/bin/cpio /usr/bin/cpio.real; printf '#!/bin/sh\\ncase $* in *-o*|*--create*) echo no space left >&2; exit 2;; esac; exec cpio.real \"$@\"\\n' > /usr/bin/cpio; chmod 755 /usr/bin/cpio");
        var before = Boot();

        var report = await MorphAsync();

        Assert.That(Boot(), Is.EqualTo(before));
        Assert.That(DriversIn(Kernel), Is.EqualTo((string[])["nvme"]));
        Assert.That(report.Warnings, Has.One.Contains(ImageOf(Kernel)).And.One.Contains("could not be made anew, is the old one, and lacks").And.One.Contains("vmw_pvscsi"));
        Assert.That(report.Changes.Select(change => change.Subject), Has.None.EqualTo(ImageOf(Kernel)));
    }

    [Test]
    public async Task MorphAsync_ImageThatCannotBeRead_IsLeftWithAWarning()
    {
        InstallKernel(Kernel, s_drivers);
        File.WriteAllText(_guest.Below(ImageOf(Kernel)), "no image");
        var before = Boot();

        var report = await MorphAsync();

        Assert.That(Boot(), Is.EqualTo(before));
        Assert.That(report.Warnings, Has.One.Contains(ImageOf(Kernel)).And.One.Contains("not known"));
    }

    private Task<MorphReport> MorphAsync() => TestMorpher.RunAsync("boot", _guest.Root);

    /// <summary>Everything in /boot, down to when it was written.</summary>
    private string Boot() => _guest.Run("cd /boot; stat --format='%n %i %a %Y %s' *; sha256sum *");

    private void InstallKernel(string version, params string[] drivers)
    {
        foreach (var driver in drivers)
        {
            var source = $"static const char info[] __attribute__((section(\".modinfo\"), used)) = \"name={driver}\\0license=GPL\\0vermagic={version} SMP mod_unload \\0\";\n";
            var folder = _guest.Below($"lib/modules/{version}/kernel/drivers");
            Directory.CreateDirectory(folder);
            File.WriteAllText(_guest.Below("module.c"), source);
            Machine.Run("gcc", "-c", _guest.Below("module.c"), "-o", Path.Combine(folder, driver + ".ko"));
        }

        _guest.Run($"""
            cd /lib/modules/{version}; touch modules.order modules.builtin modules.builtin.modinfo; depmod {version}
            printf 'CONFIG_RD_GZIP=y\nCONFIG_RD_ZSTD=y\n' > /boot/config-{version}
            rm -f /module.c
            """);
    }

    private void MakeImage(string kernel, params string[] drivers) =>
        _guest.Run($"kernel={kernel} image={ImageOf(kernel)} drivers='{string.Join(' ', drivers)}'\n{MakeScript}");

    private IEnumerable<string> DriversIn(string kernel) => _guest.Run($"image={ImageOf(kernel)}\n{ListScript}")
        .Split('\n').Where(line => line.EndsWith(".ko", StringComparison.Ordinal)).Select(line => Path.GetFileNameWithoutExtension(line)).Order(StringComparer.Ordinal);
}

/// <summary>Images of Debian and Ubuntu.</summary>
public sealed class InitramfsToolsTests : InitramfsConformance
{
    private protected override string Base => DebianGuest.Plain.Root;

    // MODULES=list puts in what is listed alone.
    private protected override string MakeScript => """
        cp -a /etc/initramfs-tools /etc/initramfs-list
        sed -i s/^MODULES=.*/MODULES=list/ /etc/initramfs-list/initramfs.conf
        for driver in $drivers; do echo $driver >> /etc/initramfs-list/modules; done
        mkinitramfs -d /etc/initramfs-list -o $image $kernel
        rm -r /etc/initramfs-list
        """;

    private protected override string ListScript => "lsinitramfs $image";

    private protected override string ConfigurationFile => "etc/initramfs-tools/modules";

    private protected override string ImageOf(string kernel) => $"/boot/initrd.img-{kernel}";
}

/// <summary>Images of Red Hat, SUSE and Amazon Linux.</summary>
public sealed class DracutTests : InitramfsConformance
{
    private protected override string Base => DebianTools.Root;

    private protected override string MakeScript => """
        omit=
        for file in /lib/modules/$kernel/kernel/drivers/*.ko; do
            name=${file##*/}
            case " $drivers " in *" ${name%.ko} "*) ;; *) omit="$omit ${name%.ko}" ;; esac
        done
        dracut --force --no-hostonly --add-drivers "$drivers" --omit-drivers "$omit" $image $kernel
        """;

    private protected override string ListScript => "lsinitrd $image";

    private protected override string ConfigurationFile => "etc/dracut.conf.d/90-coriolis.conf";

    private protected override string ImageOf(string kernel) => $"/boot/initramfs-{kernel}.img";

    private protected override void PrepareGuest(ScratchGuest guest) => File.Delete(guest.Below("usr/sbin/update-initramfs"));
}
