using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Aws.Emulator.Storage;

/// <summary>Holes of raw files: where they are and how to make them.</summary>
internal static partial class SparseFile
{
    private const int SeekData = 3;
    private const int SeekHole = 4;
    private const int KeepSizeAndPunchHole = 3;
    private const int NoSuchAddress = 6; // ENXIO: no data after the offset.

    public static SafeFileHandle Create(string path, long sizeBytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.SetLength(file, sizeBytes);
        return file;
    }

    public static SafeFileHandle OpenRead(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public static SafeFileHandle OpenWrite(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Returns the indexes of the blocks that hold any written byte, ascending.</summary>
    /// <remarks>Where the system cannot tell holes from written zeros, a block is written when it is not all zeros.</remarks>
    public static List<int> FindWrittenBlocks(SafeFileHandle file, long length)
    {
        if (!OperatingSystem.IsLinux())
        {
            return ScanForData(file, length);
        }

        var blocks = new List<int>();
        for (var offset = 0L; offset < length;)
        {
            var data = Seek(file, offset, SeekData);
            if (data < 0)
            {
                return Marshal.GetLastPInvokeError() == NoSuchAddress ? blocks : ScanForData(file, length);
            }

            var hole = Math.Min(Seek(file, data, SeekHole), length);
            for (var index = data / BlockStore.BlockSize; index * BlockStore.BlockSize < hole; index++)
            {
                if (blocks.Count == 0 || blocks[^1] < index)
                {
                    blocks.Add((int)index);
                }
            }

            offset = Math.Max(hole, data + 1);
        }

        return blocks;
    }

    /// <summary>Makes the range read as zeros, giving its space back where the file system can.</summary>
    public static void Punch(SafeFileHandle file, long offset, long length)
    {
        if (length == 0 || (OperatingSystem.IsLinux() && Allocate(file, KeepSizeAndPunchHole, offset, length) == 0))
        {
            return;
        }

        var zeros = new byte[Math.Min(length, BlockStore.BlockSize)];
        for (var done = 0L; done < length; done += zeros.Length)
        {
            RandomAccess.Write(file, zeros.AsSpan(0, (int)Math.Min(zeros.Length, length - done)), offset + done);
        }
    }

    /// <summary>Fills the buffer; what lies past the end of the file reads as zeros.</summary>
    public static async ValueTask ReadFullyAsync(SafeFileHandle file, Memory<byte> destination, long offset, CancellationToken cancellationToken)
    {
        while (destination.Length > 0)
        {
            var read = await RandomAccess.ReadAsync(file, destination, offset, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                destination.Span.Clear();
                return;
            }

            destination = destination[read..];
            offset += read;
        }
    }

    private static List<int> ScanForData(SafeFileHandle file, long length)
    {
        var blocks = new List<int>();
        var buffer = new byte[BlockStore.BlockSize];
        for (var offset = 0L; offset < length; offset += buffer.Length)
        {
            var read = RandomAccess.Read(file, buffer, offset);
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                blocks.Add((int)(offset / BlockStore.BlockSize));
            }
        }

        return blocks;
    }

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);
}
