using Coriolis.Morphing.Native;

namespace Coriolis.Morphing.Disks;

/// <summary>A replica's disk, locked so that no other run of ours uses it: a raw image file or a block device.</summary>
internal sealed class DiskImage : IDisposable
{
    private readonly FileStream _file;

    private DiskImage(string path, FileStream file, bool isReadOnly)
    {
        Path = path;
        _file = file;
        IsReadOnly = isReadOnly;

        // A block device has no length as a file; its end is where it can be read up to.
        Length = LibC.Seek(file.SafeFileHandle, 0, LibC.SeekEnd);
        Partitions = PartitionTable.Read(this);
    }

    public string Path { get; }

    public bool IsReadOnly { get; }

    public long Length { get; }

    public IReadOnlyList<Partition> Partitions { get; }

    public static DiskImage Open(string path, bool readOnly)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            // FileShare.None takes the advisory lock that a second run of ours respects, and the kernel's loop device ignores.
            var file = new FileStream(full, FileMode.Open, readOnly ? FileAccess.Read : FileAccess.ReadWrite, readOnly ? FileShare.Read : FileShare.None, 0);
            try
            {
                return new(full, file, readOnly);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new GuestException($"The disk {full} cannot be opened: {failure.Message}", failure)
            {
                ResourceId = full,
                Remedy = "Name the raw image of a replica that no virtual machine and no other run uses, on a writable file system.",
            };
        }
    }

    /// <summary>Fills a buffer; <see langword="false"/> when the disk ends before.</summary>
    public bool TryRead(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset > Length - buffer.Length)
            return false;

        for (var filled = 0; filled < buffer.Length;)
        {
            var count = RandomAccess.Read(_file.SafeFileHandle, buffer[filled..], offset + filled);
            if (count == 0)
                return false;
            filled += count;
        }

        return true;
    }

    /// <summary>Makes what was written through a mount durable.</summary>
    public void Flush() => RandomAccess.FlushToDisk(_file.SafeFileHandle);

    public void Dispose() => _file.Dispose();
}
