using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>The first 4096 bytes of a manifest file.</summary>
internal static class ManifestHeader
{
    public const uint Version = 1;

    /// <summary>SHA-256, with the entry of all zeros for a chunk of all zeros.</summary>
    public const uint Algorithm = 1;

    private const int FixedSize = 48;
    private const int ChecksumOffset = ManifestLayout.HeaderSize - SHA256.HashSizeInBytes;

    // Like PNG's: the high bit, the line ends and the end-of-file character show a transfer that was not binary.
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'C', (byte)'R', (byte)'M', 0x0D, 0x0A, 0x1A, 0x0A];

    public static void Write(Span<byte> header, DiskManifestInfo info)
    {
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Algorithm);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], info.ChunkSize);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], ManifestLayout.PageEntries);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], info.SizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], info.ChunkCount);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], info.PointInTime.UtcTicks);

        var strings = header[FixedSize..ChecksumOffset];
        foreach (var text in new[] { info.ReplicaId, info.InstanceId, info.DiskId, info.SourceReference, info.ExecutionId })
        {
            var length = Encoding.UTF8.GetBytes(text, strings[2..]);
            BinaryPrimitives.WriteUInt16LittleEndian(strings, (ushort)length);
            strings = strings[(2 + length)..];
        }

        SHA256.HashData(header[..ChecksumOffset], header[ChecksumOffset..]);
    }

    /// <exception cref="IntegrityException">The bytes are not a header, or not an intact one.</exception>
    /// <exception cref="ReplicaStateException">A newer version of the format.</exception>
    public static DiskManifestInfo Read(ReadOnlySpan<byte> header, string path)
    {
        if (!header.StartsWith(Magic))
        {
            throw ManifestErrors.Corrupt(path, "it does not start as one");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (version != Version)
        {
            throw new ReplicaStateException($"The manifest '{path}' has format version {version}; this version reads {Version}.")
            {
                ResourceId = path,
                Remedy = "Use the version of the tool that wrote it, or another state directory.",
            };
        }

        Span<byte> checksum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(header[..ChecksumOffset], checksum);
        if (!checksum.SequenceEqual(header[ChecksumOffset..]))
        {
            throw ManifestErrors.Corrupt(path, "its header does not match its checksum");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) != Algorithm
            || BinaryPrimitives.ReadInt32LittleEndian(header[20..]) != ManifestLayout.PageEntries)
        {
            throw ManifestErrors.Corrupt(path, "its digest algorithm or page size is unknown");
        }

        var chunkSize = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        var sizeBytes = BinaryPrimitives.ReadInt64LittleEndian(header[24..]);
        if (chunkSize <= 0 || sizeBytes < 0)
        {
            throw ManifestErrors.Corrupt(path, $"it is about a disk of {sizeBytes} bytes in chunks of {chunkSize}");
        }

        var strings = header[FixedSize..ChecksumOffset];
        return new DiskManifestInfo
        {
            ChunkSize = chunkSize,
            SizeBytes = sizeBytes,
            PointInTime = new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(header[40..]), TimeSpan.Zero),
            ReplicaId = ReadString(ref strings),
            InstanceId = ReadString(ref strings),
            DiskId = ReadString(ref strings),
            SourceReference = ReadString(ref strings),
            ExecutionId = ReadString(ref strings),
        };
    }

    private static string ReadString(ref ReadOnlySpan<byte> strings)
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(strings);
        var text = Encoding.UTF8.GetString(strings.Slice(2, length));
        strings = strings[(2 + length)..];
        return text;
    }
}
