using System.Security.Cryptography;
using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Where the parts of a manifest file are; docs/manifest-format.md is the specification.</summary>
internal readonly record struct ManifestLayout(long ChunkCount)
{
    public const int HeaderSize = 4096;

    public const int PageEntries = 1024;

    public const int PageSize = PageEntries * ChunkDigest.Size;

    public const int TrailerSize = 80;

    /// <summary>The hash of a page whose entries are all zero, so that such pages are neither hashed nor read.</summary>
    public static readonly ChunkDigest ZeroPageHash = HashPage(new byte[PageSize]);

    public long PageCount => (ChunkCount + PageEntries - 1) / PageEntries;

    public long PageHashesOffset => PageOffset(PageCount);

    public long TrailerOffset => PageHashesOffset + (PageCount * ChunkDigest.Size);

    public long FileLength => TrailerOffset + TrailerSize;

    public static long DigestOffset(long chunk) => HeaderSize + (chunk * ChunkDigest.Size);

    public static long PageOffset(long page) => HeaderSize + (page * PageSize);

    public static ChunkDigest HashPage(ReadOnlySpan<byte> page)
    {
        Span<byte> hash = stackalloc byte[ChunkDigest.Size];
        SHA256.HashData(page, hash);
        return new ChunkDigest(hash);
    }
}
