using System.Buffers;
using Coriolis.Providers;
using Coriolis.Storage;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Replication;

/// <summary>The manifest of an execution that is still writing: a file that becomes a manifest when it is sealed.</summary>
/// <remarks>
/// Each entry says what the destination holds at that chunk, as far as this execution knows. Different chunks may be read
/// and set concurrently. Chunks of zeros are holes in the file.
/// </remarks>
internal sealed class ManifestDraft : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly ManifestLayout _layout;

    private ManifestDraft(SafeFileHandle file, DiskManifestInfo info)
    {
        _file = file;
        _layout = new ManifestLayout(info.ChunkCount);
        Info = info;
    }

    public DiskManifestInfo Info { get; }

    /// <summary>Creates a draft whose entries are those of the baseline, as far as it has whole chunks, and zero beyond.</summary>
    /// <exception cref="IntegrityException">The baseline is corrupt.</exception>
    public static ManifestDraft Create(string path, DiskManifestInfo info, ManifestFile? baseline, CancellationToken cancellationToken)
    {
        var draft = new ManifestDraft(DurableFile.Recreate(path), info);
        try
        {
            RandomAccess.SetLength(draft._file, draft._layout.FileLength);
            if (baseline is not null)
            {
                draft.CopyFrom(baseline, cancellationToken);
            }

            return draft;
        }
        catch
        {
            draft.Dispose();
            throw;
        }
    }

    /// <summary>Opens a draft that an execution left behind, keeps the entries of its first chunks, and has the rest as <see cref="Create"/>.</summary>
    /// <exception cref="IntegrityException">The baseline is corrupt.</exception>
    public static ManifestDraft Resume(
        string path, DiskManifestInfo info, long chunks, ManifestFile? baseline, CancellationToken cancellationToken)
    {
        var draft = OpenExisting(path, info);
        try
        {
            RandomAccess.SetLength(draft._file, ManifestLayout.DigestOffset(chunks));
            RandomAccess.SetLength(draft._file, draft._layout.FileLength);
            if (baseline is not null)
            {
                draft.CopyFrom(baseline, cancellationToken, chunks);
            }

            return draft;
        }
        catch
        {
            draft.Dispose();
            throw;
        }
    }

    /// <summary>Opens a draft that an execution left behind, to look at it.</summary>
    public static ManifestDraft OpenExisting(string path, DiskManifestInfo info) => new(DurableFile.Open(path, FileAccess.ReadWrite, FileShare.Read), info);

    /// <summary>Reads the entries of consecutive chunks as they are in the file; what is beyond its end is zero.</summary>
    public void Read(long firstChunk, Span<byte> digests)
    {
        var count = RandomAccess.Read(_file, digests, ManifestLayout.DigestOffset(firstChunk));
        digests[count..].Clear();
    }

    public ValueTask ReadDigestsAsync(long firstChunk, Memory<ChunkDigest> digests, CancellationToken cancellationToken = default)
    {
        Span<byte> bytes = new byte[digests.Length * ChunkDigest.Size];
        Read(firstChunk, bytes);
        ManifestFile.CopyDigests(bytes, digests.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes the entries durable.</summary>
    public void Flush() => RandomAccess.FlushToDisk(_file);

    public ChunkDigest Get(long chunk)
    {
        Span<byte> bytes = stackalloc byte[ChunkDigest.Size];
        RandomAccess.Read(_file, bytes, ManifestLayout.DigestOffset(chunk));
        return new ChunkDigest(bytes);
    }

    public void Set(long chunk, ChunkDigest digest)
    {
        Span<byte> bytes = stackalloc byte[ChunkDigest.Size];
        digest.CopyTo(bytes);
        RandomAccess.Write(_file, bytes, ManifestLayout.DigestOffset(chunk));
    }

    /// <summary>Finds the first run of chunks that are not zero in a range of chunks.</summary>
    /// <returns>The half-open run; empty at <paramref name="end"/> when there is none.</returns>
    public (long First, long End) FindNonZero(long first, long end)
    {
        var page = ArrayPool<byte>.Shared.Rent(ManifestLayout.PageSize);
        try
        {
            var runStart = end;
            while (first < end)
            {
                var count = (int)Math.Min(ManifestLayout.PageEntries, end - first);
                var digests = page.AsSpan(0, count * ChunkDigest.Size);
                RandomAccess.Read(_file, digests, ManifestLayout.DigestOffset(first));
                if (runStart == end && !digests.ContainsAnyExcept((byte)0))
                {
                    first += count;
                    continue;
                }

                for (var i = 0; i < count; i++, first++)
                {
                    var isZero = !digests.Slice(i * ChunkDigest.Size, ChunkDigest.Size).ContainsAnyExcept((byte)0);
                    if (isZero && runStart < end)
                    {
                        return (runStart, first);
                    }

                    runStart = isZero || runStart < end ? runStart : first;
                }
            }

            return (runStart, end);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(page);
        }
    }

    /// <summary>Hashes every page, writes header, page hashes and trailer, and makes the file durable. Nothing may be set any more.</summary>
    /// <returns>The content root.</returns>
    public ChunkDigest Seal(CancellationToken cancellationToken)
    {
        var pageHashes = HashPages(cancellationToken);
        var header = new byte[ManifestLayout.HeaderSize];
        ManifestHeader.Write(header, Info);
        var root = ManifestTrailer.ComputeRoot(Info, pageHashes);
        Span<byte> trailer = stackalloc byte[ManifestLayout.TrailerSize];
        ManifestTrailer.Write(trailer, Info, root, header, pageHashes);

        RandomAccess.Write(_file, header, 0);
        RandomAccess.Write(_file, pageHashes, _layout.PageHashesOffset);
        RandomAccess.Write(_file, trailer, _layout.TrailerOffset);
        RandomAccess.FlushToDisk(_file);
        return root;
    }

    public void Dispose() => _file.Dispose();

    private byte[] HashPages(CancellationToken cancellationToken)
    {
        var hashes = new byte[_layout.PageCount * ChunkDigest.Size];
        var page = new byte[ManifestLayout.PageSize];
        for (var index = 0L; index < _layout.PageCount; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RandomAccess.Read(_file, page, ManifestLayout.PageOffset(index));
            var hash = page.AsSpan().ContainsAnyExcept((byte)0) ? ManifestLayout.HashPage(page) : ManifestLayout.ZeroPageHash;
            hash.CopyTo(hashes.AsSpan((int)index * ChunkDigest.Size));
        }

        return hashes;
    }

    private void CopyFrom(ManifestFile baseline, CancellationToken cancellationToken, long firstChunk = 0)
    {
        var page = new byte[ManifestLayout.PageSize];
        var wholeChunks = baseline.Info.SizeBytes == Info.SizeBytes ? Info.ChunkCount : baseline.Info.SizeBytes / Info.ChunkSize;
        for (var index = firstChunk / ManifestLayout.PageEntries; index * ManifestLayout.PageEntries < wholeChunks; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (baseline.ReadPage(index, page))
            {
                var start = index * ManifestLayout.PageEntries;
                var skip = (int)Math.Max(0, firstChunk - start);
                var count = (int)Math.Min(ManifestLayout.PageEntries, wholeChunks - start);
                RandomAccess.Write(
                    _file, page.AsSpan(skip * ChunkDigest.Size, Math.Max(0, count - skip) * ChunkDigest.Size), ManifestLayout.DigestOffset(start + skip));
            }
        }
    }
}
