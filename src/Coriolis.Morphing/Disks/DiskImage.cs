namespace Coriolis.Morphing.Disks;

/// <summary>A replica's disk, locked so that no other run of ours uses it: a raw image file or a block device.</summary>
internal sealed class DiskImage : IDisposable
{
    private readonly FileStream _file;

    private DiskImage(string path, FileStream file, IReadOnlyList<Partition> partitions)
    {
        Path = path;
        _file = file;
        Partitions = partitions;
    }

    public string Path { get; }

    public long Length => _file.Length;

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
                return new(full, file, PartitionTable.Read(file));
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

    /// <summary>Makes what was written through a mount durable.</summary>
    public void Flush() => RandomAccess.FlushToDisk(_file.SafeFileHandle);

    public void Dispose() => _file.Dispose();
}
