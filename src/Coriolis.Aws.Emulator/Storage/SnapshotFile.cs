using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Coriolis.Aws.Emulator.Storage;

/// <summary>
/// The index file of a snapshot: a magic, a JSON header with its length before it, then fixed-size little-endian records. Complete indexes are
/// written beside and renamed, so a file with the final name is whole; a pending one is appended to and its torn tail is ignored.
/// </summary>
internal static class SnapshotFile
{
    private const int RecordSize = 4 + 4 + 4 + BlockDigest.Size;

    private static ReadOnlySpan<byte> Magic => "CSNAPIX1"u8;

    public static void Write(string path, SnapshotHeader header, IEnumerable<SnapshotBlock> blocks, bool inherited)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(header, StorageJson.Default.SnapshotHeader);
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, json.Length);
            file.Write(Magic);
            file.Write(length);
            file.Write(json);
            Span<byte> record = stackalloc byte[RecordSize];
            foreach (var block in blocks)
            {
                Format(block, inherited, record);
                file.Write(record);
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    public static void Append(FileStream file, SnapshotBlock block)
    {
        Span<byte> record = stackalloc byte[RecordSize];
        Format(block, inherited: false, record);
        file.Write(record);
        file.Flush();
    }

    public static (SnapshotHeader Header, List<(SnapshotBlock Block, bool Inherited)> Records) Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        Span<byte> start = stackalloc byte[Magic.Length + 4];
        file.ReadExactly(start);
        if (!start.StartsWith(Magic))
        {
            throw new InvalidDataException($"'{path}' is not a snapshot index of this emulator. Remove the data directory or point --data elsewhere.");
        }

        var json = new byte[BinaryPrimitives.ReadInt32LittleEndian(start[Magic.Length..])];
        file.ReadExactly(json);
        var header = JsonSerializer.Deserialize(Encoding.UTF8.GetString(json), StorageJson.Default.SnapshotHeader)!;
        var records = new List<(SnapshotBlock, bool)>((int)((file.Length - file.Position) / RecordSize));
        Span<byte> record = stackalloc byte[RecordSize];
        while (file.ReadAtLeast(record, RecordSize, throwOnEndOfStream: false) == RecordSize)
        {
            var block = new SnapshotBlock(
                BinaryPrimitives.ReadInt32LittleEndian(record),
                BinaryPrimitives.ReadInt32LittleEndian(record[4..]),
                BlockDigest.From(record[12..]));
            records.Add((block, record[8] != 0));
        }

        return (header, records);
    }

    private static void Format(SnapshotBlock block, bool inherited, Span<byte> record)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record, block.Index);
        BinaryPrimitives.WriteInt32LittleEndian(record[4..], block.Slot);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], inherited ? 1 : 0);
        var digest = block.Digest;
        ((ReadOnlySpan<byte>)digest).CopyTo(record[12..]);
    }
}
