using System.Buffers.Binary;
using System.Security.Cryptography;
using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>The last 80 bytes of a manifest file; their presence seals it.</summary>
internal static class ManifestTrailer
{
    private const int RootOffset = 16;
    private const int ChecksumOffset = 48;

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'C', (byte)'R', (byte)'E', 0x0D, 0x0A, 0x1A, 0x0A];

    private static ReadOnlySpan<byte> RootDomain => "coriolis content root v1"u8;

    /// <summary>The Merkle root: equal for equal bytes cut into equal chunks, whatever disk or time they are from.</summary>
    public static ChunkDigest ComputeRoot(DiskManifestInfo info, ReadOnlySpan<byte> pageHashes)
    {
        Span<byte> numbers = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, info.SizeBytes);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[8..], info.ChunkSize);
        BinaryPrimitives.WriteUInt32LittleEndian(numbers[12..], ManifestHeader.Algorithm);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(RootDomain);
        hash.AppendData(numbers);
        hash.AppendData(pageHashes);
        Span<byte> root = stackalloc byte[ChunkDigest.Size];
        hash.GetHashAndReset(root);
        return new ChunkDigest(root);
    }

    public static void Write(Span<byte> trailer, DiskManifestInfo info, ChunkDigest root, ReadOnlySpan<byte> header, ReadOnlySpan<byte> pageHashes)
    {
        trailer.Clear();
        Magic.CopyTo(trailer);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[8..], info.ChunkCount);
        root.CopyTo(trailer[RootOffset..]);
        Checksum(trailer[..ChecksumOffset], header, pageHashes, trailer[ChecksumOffset..]);
    }

    /// <exception cref="IntegrityException">The trailer is missing, torn, or does not match the rest of the file.</exception>
    public static ChunkDigest Read(
        ReadOnlySpan<byte> trailer, DiskManifestInfo info, ReadOnlySpan<byte> header, ReadOnlySpan<byte> pageHashes, string path)
    {
        Span<byte> checksum = stackalloc byte[SHA256.HashSizeInBytes];
        Checksum(trailer[..ChecksumOffset], header, pageHashes, checksum);
        if (!trailer.StartsWith(Magic) || !checksum.SequenceEqual(trailer[ChecksumOffset..]))
        {
            throw ManifestErrors.Corrupt(path, "its trailer does not match its header and page hashes");
        }

        var root = new ChunkDigest(trailer.Slice(RootOffset, ChunkDigest.Size));
        return root == ComputeRoot(info, pageHashes)
            ? root
            : throw ManifestErrors.Corrupt(path, "its content root does not match its page hashes");
    }

    private static void Checksum(ReadOnlySpan<byte> trailer, ReadOnlySpan<byte> header, ReadOnlySpan<byte> pageHashes, Span<byte> checksum)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        hash.AppendData(pageHashes);
        hash.AppendData(trailer);
        hash.GetHashAndReset(checksum);
    }
}
