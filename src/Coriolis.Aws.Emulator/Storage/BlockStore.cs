using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Aws.Emulator.Storage;

/// <summary>
/// The bytes of volumes and snapshots below one data directory. A volume is a sparse raw file that anyone may write; a snapshot is an index of
/// its written 512 KiB blocks, which share storage with the previous snapshot where they are equal. Survives a restart. Thread-safe.
/// </summary>
internal sealed partial class BlockStore : IDisposable
{
    /// <summary>The block size of the EBS block API: 512 KiB (its BlockSize member).</summary>
    public const int BlockSize = 512 * 1024;

    private readonly VolumeFolder _volumes;
    private readonly BlockPool _pool;
    private readonly SnapshotLibrary _snapshots;
    private readonly SnapshotCapture _capture;

    public BlockStore(string dataDirectory)
    {
        Directory.CreateDirectory(dataDirectory);
        _volumes = new VolumeFolder(dataDirectory);
        _pool = new BlockPool(Path.Combine(dataDirectory, "snapshot-blocks.raw"));
        _snapshots = new SnapshotLibrary(dataDirectory, _pool);
        _capture = new SnapshotCapture(_pool);
    }

    /// <summary>The digest of 512 KiB of zeros.</summary>
    public static BlockDigest ZeroBlockDigest { get; } = BlockDigest.From(
        Convert.FromBase64String("B4VNL+8pega6gWheZgwzLeNtXRjVRpJ9MNqtbX/aFUE="));

    /// <summary>The number of distinct blocks that snapshots keep on disk.</summary>
    public int StoredBlockCount => _pool.UsedSlots;

    /// <summary>Returns the raw file that is the volume. A synthetic volume has none.</summary>
    public string GetVolumePath(string region, string volumeId) => _volumes.GetDataPath(region, volumeId);

    public async Task CreateVolumeAsync(
        string region, string volumeId, long sizeBytes, VolumeContent content, CancellationToken cancellationToken)
    {
        switch (content)
        {
            case VolumeContent.SyntheticSource synthetic:
                var layout = SyntheticLayout.Create(synthetic.Spec, CountBlocks(sizeBytes));
                _volumes.Write(region, volumeId, new StoredVolume(sizeBytes, layout, null));
                break;
            case VolumeContent.SnapshotSource source:
                await RestoreAsync(region, volumeId, sizeBytes, source.SnapshotId, cancellationToken).ConfigureAwait(false);
                break;
            case VolumeContent.FileSource source:
                await CopyFileAsync(source.Path, region, volumeId, sizeBytes, cancellationToken).ConfigureAwait(false);
                break;
            default:
                SparseFile.Create(GetVolumePath(region, volumeId), sizeBytes).Dispose();
                _volumes.Write(region, volumeId, new StoredVolume(sizeBytes, null, null));
                break;
        }
    }

    public async Task ResizeVolumeAsync(string region, string volumeId, long newSizeBytes, CancellationToken cancellationToken)
    {
        using var held = await _volumes.LockAsync(region, volumeId, cancellationToken).ConfigureAwait(false);
        var record = _volumes.Read(region, volumeId);
        ArgumentOutOfRangeException.ThrowIfLessThan(newSizeBytes, record.SizeBytes);
        if (record.Synthetic is null)
        {
            using var file = SparseFile.OpenWrite(GetVolumePath(region, volumeId));
            RandomAccess.SetLength(file, newSizeBytes);
        }

        _volumes.Write(region, volumeId, record with { SizeBytes = newSizeBytes });
    }

    public async Task DeleteVolumeAsync(string region, string volumeId, CancellationToken cancellationToken)
    {
        using var held = await _volumes.LockAsync(region, volumeId, cancellationToken).ConfigureAwait(false);
        _volumes.Delete(region, volumeId);
    }

    public async Task WriteVolumeAsync(
        string region, string volumeId, long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        using var held = await LockStoredAsync(region, volumeId, offset, data.Length, cancellationToken).ConfigureAwait(false);
        using var file = SparseFile.OpenWrite(GetVolumePath(region, volumeId));
        await RandomAccess.WriteAsync(file, data, offset, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the range a hole, as a discard (TRIM) by the guest would.</summary>
    public async Task PunchVolumeAsync(string region, string volumeId, long offset, long length, CancellationToken cancellationToken)
    {
        using var held = await LockStoredAsync(region, volumeId, offset, length, cancellationToken).ConfigureAwait(false);
        using var file = SparseFile.OpenWrite(GetVolumePath(region, volumeId));
        SparseFile.Punch(file, offset, length);
    }

    /// <summary>Reads the volume's bytes now. Works on synthetic volumes for whole blocks too.</summary>
    public async Task ReadVolumeAsync(string region, string volumeId, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        using var held = await _volumes.LockAsync(region, volumeId, cancellationToken).ConfigureAwait(false);
        if (_volumes.Read(region, volumeId).Synthetic is { } layout)
        {
            ReadSynthetic(layout, offset, destination.Span);
            return;
        }

        using var file = SparseFile.OpenRead(GetVolumePath(region, volumeId));
        await SparseFile.ReadFullyAsync(file, destination, offset, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Rewrites a share of the blocks of a synthetic volume, written before or not.</summary>
    public async Task ChangeSyntheticVolumeAsync(string region, string volumeId, double fraction, CancellationToken cancellationToken)
    {
        using var held = await _volumes.LockAsync(region, volumeId, cancellationToken).ConfigureAwait(false);
        var record = _volumes.Read(region, volumeId);
        var layout = record.Synthetic ?? throw new InvalidOperationException($"Volume {volumeId} is not synthetic: write its bytes instead.");
        _volumes.Write(region, volumeId, record with { Synthetic = layout.Change(fraction, CountBlocks(record.SizeBytes)) });
    }

    public void Dispose()
    {
        _snapshots.Dispose();
        _pool.Dispose();
    }

    private static int CountBlocks(long sizeBytes) => (int)((sizeBytes + BlockSize - 1) / BlockSize);

    private static void ReadSynthetic(SyntheticLayout layout, long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var (index, skip) = Math.DivRem(offset, BlockSize);
            var length = (int)Math.Min(BlockSize - skip, destination.Length);
            if (layout.GetGeneration((int)index) == SyntheticLayout.Hole)
            {
                destination[..length].Clear();
            }
            else
            {
                SyntheticPatterns.GetData(layout.GetPattern((int)index)).Span.Slice((int)skip, length).CopyTo(destination);
            }

            destination = destination[length..];
            offset += length;
        }
    }

    private async Task<IDisposable> LockStoredAsync(string region, string volumeId, long offset, long length, CancellationToken cancellationToken)
    {
        var held = await _volumes.LockAsync(region, volumeId, cancellationToken).ConfigureAwait(false);
        try
        {
            var record = _volumes.Read(region, volumeId);
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, record.SizeBytes);
            return record.Synthetic is null
                ? held
                : throw new InvalidOperationException($"Volume {volumeId} is synthetic: its bytes cannot be written, only changed as a share.");
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private async Task CopyFileAsync(string path, string region, string volumeId, long sizeBytes, CancellationToken cancellationToken)
    {
        using var source = SparseFile.OpenRead(path);
        var length = RandomAccess.GetLength(source);
        if (length > sizeBytes)
        {
            throw new ArgumentException($"'{path}' has {length} bytes, which do not fit a volume of {sizeBytes} bytes.", nameof(path));
        }

        using var target = SparseFile.Create(GetVolumePath(region, volumeId), sizeBytes);
        await WriteBlocksAsync(
            SparseFile.FindWrittenBlocks(source, length),
            target,
            sizeBytes,
            (index, buffer, token) => SparseFile.ReadFullyAsync(source, buffer, (long)index * BlockSize, token),
            cancellationToken).ConfigureAwait(false);
        _volumes.Write(region, volumeId, new StoredVolume(sizeBytes, null, null));
    }

    private static async Task WriteBlocksAsync(
        IEnumerable<int> indexes,
        SafeFileHandle target,
        long sizeBytes,
        Func<int, Memory<byte>, CancellationToken, ValueTask> read,
        CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(indexes, options, async (index, token) =>
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
            try
            {
                var offset = (long)index * BlockSize;
                var data = buffer.AsMemory(0, (int)Math.Min(BlockSize, sizeBytes - offset));
                await read(index, buffer.AsMemory(0, BlockSize), token).ConfigureAwait(false);
                await RandomAccess.WriteAsync(target, data, offset, token).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }).ConfigureAwait(false);
    }
}
