using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Cli;

/// <summary>Makes the disks of the demo's instance, and later changes them as a running guest would.</summary>
/// <remarks>The bytes come from seeded generators: two runs of the demo make the same disks.</remarks>
internal static class DemoDisks
{
    public const long RootSize = 1L << 30;
    public const long DataSize = 2L << 30;

    /// <summary>How much <see cref="Change"/> changes.</summary>
    public const int ChangedBytes = 5 * MiB;

    private const int MiB = 1 << 20;
    private const int FileCount = 24;
    private const int FileSize = 8 * MiB;

    /// <summary>Creates the root disk: a partition table and a file system with files in it.</summary>
    /// <returns>What it holds, in words.</returns>
    public static async Task<string> CreateRootAsync(string image, string workFolder, CancellationToken cancellationToken)
    {
        using (var handle = CreateSparse(image, RootSize))
        {
            RandomAccess.Write(handle, PartitionTable.Create(RootSize), 0);
        }

        if (Mke2fs.Find() is { } mke2fs)
        {
            var content = Path.Combine(workFolder, "root-files");
            CreateFiles(content);
            const long PartitionSize = RootSize - PartitionTable.PartitionOffset;
            var formatted = await mke2fs
                .TryFormatAsync(image, PartitionTable.PartitionOffset, PartitionSize, content, cancellationToken)
                .ConfigureAwait(false);
            Directory.Delete(content, recursive: true);
            if (formatted)
            {
                return $"an ext4 file system with {FileCount} files of {ByteSize.Format(FileSize)}";
            }
        }

        using var generated = OpenForWriting(image);
        Fill(generated, seed: 1, PartitionTable.PartitionOffset, FileCount * FileSize);
        return $"a partition with {ByteSize.Format((long)FileCount * FileSize)} of generated data (mke2fs is not installed)";
    }

    /// <summary>Fills the data disk: two areas of data, the rest holes.</summary>
    /// <returns>What it holds, in words.</returns>
    public static string FillData(string dataVolume)
    {
        using var handle = OpenForWriting(dataVolume);
        Fill(handle, seed: 2, offset: 0, 160 * MiB);
        Fill(handle, seed: 3, offset: DataSize / 2, 96 * MiB);
        return $"{ByteSize.Format(256 * MiB)} of data, the rest never written";
    }

    /// <summary>Overwrites a little of both disks.</summary>
    public static void Change(string rootVolume, string dataVolume)
    {
        using (var root = OpenForWriting(rootVolume))
        {
            Fill(root, seed: 4, offset: 100 * MiB, MiB);
        }

        using var data = OpenForWriting(dataVolume);
        Fill(data, seed: 5, offset: 40 * MiB, 3 * MiB);
        Fill(data, seed: 6, offset: DataSize - MiB, MiB);
    }

    private static void CreateFiles(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "etc"));
        Directory.CreateDirectory(Path.Combine(folder, "srv"));
        File.WriteAllText(Path.Combine(folder, "etc", "hostname"), "demo\n", Encoding.ASCII);
        for (var index = 0; index < FileCount; index++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"file-{index:00}.bin");
            using var file = CreateSparse(Path.Combine(folder, "srv", name), FileSize);
            Fill(file, seed: 100 + index, offset: 0, FileSize);
        }
    }

    private static SafeFileHandle CreateSparse(string path, long size)
    {
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        RandomAccess.SetLength(handle, size);
        return handle;
    }

    private static SafeFileHandle OpenForWriting(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    private static void Fill(SafeFileHandle handle, int seed, long offset, int length)
    {
        var random = new Random(seed);
        var buffer = new byte[MiB];
        for (var done = 0; done < length; done += buffer.Length)
        {
            random.NextBytes(buffer);
            RandomAccess.Write(handle, buffer, offset + done);
        }
    }
}
