using System.Buffers.Binary;
using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Boot;

/// <summary>Installs a guest's own GRUB on a disk for machines with a BIOS.</summary>
/// <remarks>grub-install asks the kernel for the partitions of a disk, which not every kernel tells of an image.</remarks>
internal static class BootLoader
{
    private const int SectorBytes = 512;

    // Where DiskFile puts the partition for boot loaders.
    private const long CoreSector = 2048;

    // In boot.img: where the sector of the core is noted, and where the disk's own partition table begins.
    private const int CoreSectorField = 0x5c;
    private const int TableField = 440;

    // In the first sector of the core: the first sector of the rest.
    private const int RestSectorField = 500;

    private static readonly string[] s_modules = ["biosdisk", "part_gpt", "ext2", "normal", "linux", "search", "search_fs_uuid"];

    /// <param name="disk">The disk.</param>
    /// <param name="guest">The directory with the guest's files.</param>
    public static void Install(string disk, string guest)
    {
        Machine.Run("chroot", [guest, "grub-mkimage", "-O", "i386-pc", "-o", "/boot/grub/core.img", "-p", "(hd0,gpt2)/boot/grub", .. s_modules]);
        var boot = File.ReadAllBytes(Path.Combine(guest, "usr/lib/grub/i386-pc/boot.img"));
        var core = File.ReadAllBytes(Path.Combine(guest, "boot/grub/core.img"));
        BinaryPrimitives.WriteInt64LittleEndian(boot.AsSpan(CoreSectorField), CoreSector);
        BinaryPrimitives.WriteInt64LittleEndian(core.AsSpan(RestSectorField), CoreSector + 1);

        using var file = File.OpenHandle(disk, access: FileAccess.Write);
        RandomAccess.Write(file, boot.AsSpan(0, TableField), 0);
        RandomAccess.Write(file, core, CoreSector * SectorBytes);
    }
}
