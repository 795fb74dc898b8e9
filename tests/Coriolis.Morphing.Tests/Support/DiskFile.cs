using System.Globalization;

namespace Coriolis.Morphing.Tests.Support;

/// <summary>Makes whole disk images, and looks at what is on them from outside.</summary>
internal static class DiskFile
{
    private const long MiB = 1024 * 1024;

    /// <summary>Where the partition with the root file system starts.</summary>
    public const long RootOffset = 2 * MiB;

    /// <summary>A disk with a GUID partition table: one partition for the boot loader, one with a directory's files.</summary>
    public static void Create(string path, string directory, string fileSystem = "ext4", long sizeMiB = 2048, string? uuid = null)
    {
        using (var disk = File.Create(path))
            disk.SetLength(sizeMiB * MiB);
        WriteTable(path, "label: gpt\nsize=1MiB, type=21686148-6449-6E6F-744E-656564454649\ntype=linux\n");

        var volume = path + ".volume";
        using (var file = File.Create(volume))
            file.SetLength((sizeMiB - 3) * MiB);
        MakeVolume(volume, directory, fileSystem, uuid);
        CopyInto(path, volume, RootOffset);
        File.Delete(volume);
    }

    private static void MakeVolume(string volume, string directory, string fileSystem, string? uuid)
    {
        if (fileSystem == "ext4")
        {
            Machine.Run("mkfs.ext4", "-q", "-U", uuid ?? "random", "-d", directory, volume);
            return;
        }

        Machine.Run($"mkfs.{fileSystem}", "-q", volume);
        Machine.Run("unshare", "--mount", "sh", "-ec", "mount -o loop \"$0\" /mnt; cp --archive \"$1\"/. /mnt; umount /mnt", volume, directory);
    }

    public static void Copy(string from, string to) => Machine.Run("cp", "--sparse=always", "--reflink=auto", from, to);

    public static void WriteTable(string path, string script)
    {
        var file = path + ".table";
        File.WriteAllText(file, script);
        Machine.Run("sh", "-c", "sfdisk --quiet \"$1\" < \"$2\"", "sh", path, file);
        File.Delete(file);
    }

    public static void CopyInto(string disk, string volume, long offset) => Machine.Run(
        "dd", $"if={volume}", $"of={disk}", "bs=1M", $"seek={(offset / MiB).ToString(CultureInfo.InvariantCulture)}", "conv=notrunc,sparse");

    /// <summary>Runs a shell script with the root file system mounted at <c>$1</c>, and gives what it prints.</summary>
    public static string Inspect(string path, string script, bool writable = false, long offset = RootOffset)
    {
        // A loop device stays after its mount for as long as a scan of the host's devices has it open, and mount(8) refuses another beside it.
        const string Wait = "for try in 1 2 3 4 5 6 7 8 9 10; do [ -n \"$(losetup --associated \"$0\")\" ] || break; sleep 0.5; done";
        var mode = writable ? "rw" : "ro";
        return Machine.Run(
            "unshare", "--mount", "sh", "-ec",
            $"{Wait}; mount -t tmpfs none /mnt; mkdir /mnt/g; mount -o {mode},loop,offset={offset} \"$0\" /mnt/g; cd /mnt/g; set -- /mnt/g\n{script}", path);
    }

    /// <summary>Every entry with type, mode, owner, time and link target, every file with its digest, and one digest over all of it with extended attributes.</summary>
    public static string Snapshot(string path) => Inspect(path, SnapshotScript);

    /// <summary>The same of a directory.</summary>
    public static string SnapshotDirectory(string directory) => Machine.Run("sh", "-ec", "cd \"$0\"\n" + SnapshotScript, directory);

    private const string SnapshotScript = """
        find . -xdev -printf '%p %y %m %U:%G %T@ %l\n' | sort
        find . -xdev -type f -print0 | sort -z | xargs -0 sha256sum
        tar --create --sort=name --format=posix --pax-option=delete=atime,delete=ctime --xattrs --xattrs-include='*' --one-file-system . | sha256sum
        """;
}
