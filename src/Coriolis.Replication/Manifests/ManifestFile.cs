using System.Buffers;
using Coriolis.Providers;
using Coriolis.Storage;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Replication;

/// <summary>A sealed manifest, open for reading.</summary>
/// <remarks>Holds the page hashes, 1 MiB for a disk of 16 TiB; the digests stay in the file and are verified page by page.</remarks>
internal sealed class ManifestFile : IDiskManifest, IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly byte[] _pageHashes;

    private ManifestFile(SafeFileHandle file, string path, DiskManifestInfo info, byte[] pageHashes, ChunkDigest contentRoot)
    {
        _file = file;
        _path = path;
        _pageHashes = pageHashes;
        Info = info;
        ContentRoot = contentRoot;
    }

    public DiskManifestInfo Info { get; }

    public ChunkDigest ContentRoot { get; }

    /// <exception cref="IntegrityException">The file is truncated or corrupt.</exception>
    public static ManifestFile Open(string path)
    {
        var file = DurableFile.Open(path);
        try
        {
            var header = new byte[ManifestLayout.HeaderSize];
            ReadExactly(file, header, 0, path);
            var info = ManifestHeader.Read(header, path);
            var layout = new ManifestLayout(info.ChunkCount);
            if (RandomAccess.GetLength(file) != layout.FileLength)
            {
                throw ManifestErrors.Corrupt(path, $"it has {RandomAccess.GetLength(file)} bytes instead of {layout.FileLength}");
            }

            var pageHashes = new byte[layout.PageCount * ChunkDigest.Size];
            ReadExactly(file, pageHashes, layout.PageHashesOffset, path);
            Span<byte> trailer = stackalloc byte[ManifestLayout.TrailerSize];
            ReadExactly(file, trailer, layout.TrailerOffset, path);
            var root = ManifestTrailer.Read(trailer, info, header, pageHashes, path);
            return new ManifestFile(file, path, info, pageHashes, root);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads what a manifest is about, without verifying the rest of it.</summary>
    public static DiskManifestInfo ReadInfo(string path)
    {
        using var file = DurableFile.Open(path);
        var header = new byte[ManifestLayout.HeaderSize];
        ReadExactly(file, header, 0, path);
        return ManifestHeader.Read(header, path);
    }

    public ValueTask ReadDigestsAsync(long firstChunk, Memory<ChunkDigest> digests, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstChunk);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstChunk + digests.Length, Info.ChunkCount);

        var page = ArrayPool<byte>.Shared.Rent(ManifestLayout.PageSize);
        try
        {
            for (var done = 0; done < digests.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (index, skip) = Math.DivRem(firstChunk + done, ManifestLayout.PageEntries);
                var count = (int)Math.Min(ManifestLayout.PageEntries - skip, digests.Length - done);
                var target = digests.Span.Slice(done, count);
                if (ReadPage(index, page.AsSpan(0, ManifestLayout.PageSize)))
                {
                    CopyDigests(page.AsSpan((int)skip * ChunkDigest.Size), target);
                }
                else
                {
                    target.Clear();
                }

                done += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(page);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Reads and verifies one page of digests; leaves the buffer alone and returns false when all of them are zero.</summary>
    /// <exception cref="IntegrityException">The page does not match its hash.</exception>
    public bool ReadPage(long index, Span<byte> page)
    {
        var expected = new ChunkDigest(_pageHashes.AsSpan((int)index * ChunkDigest.Size, ChunkDigest.Size));
        if (expected == ManifestLayout.ZeroPageHash)
        {
            return false;
        }

        ReadExactly(_file, page, ManifestLayout.PageOffset(index), _path);
        return ManifestLayout.HashPage(page) == expected
            ? true
            : throw ManifestErrors.Corrupt(_path, $"page {index} of its digests does not match its hash");
    }

    public void Dispose() => _file.Dispose();

    internal static void ReadExactly(SafeFileHandle file, Span<byte> destination, long offset, string path)
    {
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(file, destination, offset);
            if (count == 0)
            {
                throw ManifestErrors.Corrupt(path, $"it ends at byte {offset}");
            }

            destination = destination[count..];
            offset += count;
        }
    }

    internal static void CopyDigests(ReadOnlySpan<byte> bytes, Span<ChunkDigest> digests)
    {
        for (var i = 0; i < digests.Length; i++)
        {
            digests[i] = new ChunkDigest(bytes.Slice(i * ChunkDigest.Size, ChunkDigest.Size));
        }
    }
}
