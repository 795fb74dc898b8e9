using System.Runtime.CompilerServices;
using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Turns the ranges that a source reports into the pieces that a transfer works on.</summary>
internal static class ChunkRanges
{
    // Zeros cost nothing to send, but an operation on too many at once would show no progress and be slow to cancel.
    private const long MaxZeroLength = 1024 * 1024 * 1024;

    /// <summary>Adds the chunks of a set that no range mentions, as data, and checks the order and alignment of the ranges.</summary>
    /// <param name="ranges">What the source reports.</param>
    /// <param name="disk">The disk that they are of.</param>
    /// <param name="chunkSize">Size of a chunk in bytes.</param>
    /// <param name="mandatory">Chunks that must be dealt with; <see langword="null"/> when the ranges must cover the disk.</param>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    public static async IAsyncEnumerable<ChunkRange> WithMandatoryAsync(
        IAsyncEnumerable<ChunkRange> ranges,
        SourceDisk disk,
        int chunkSize,
        ChunkSet? mandatory,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = 0L;
        await foreach (var range in ranges.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            Check(range, position, disk, chunkSize);
            foreach (var gap in Between(position, range.Offset, disk, chunkSize, mandatory))
            {
                yield return gap;
            }

            yield return range;
            position = range.End;
        }

        foreach (var gap in Between(position, disk.SizeBytes, disk, chunkSize, mandatory))
        {
            yield return gap;
        }
    }

    /// <summary>Leaves out what is before a byte, which is a multiple of the chunk size.</summary>
    public static async IAsyncEnumerable<ChunkRange> FromAsync(
        IAsyncEnumerable<ChunkRange> ranges, long start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var range in ranges.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (range.End > start)
            {
                var offset = Math.Max(range.Offset, start);
                yield return new ChunkRange(offset, range.End - offset, range.Kind);
            }
        }
    }

    /// <summary>Cuts data into chunks and zeros into long pieces.</summary>
    public static IEnumerable<ChunkRange> Cut(ChunkRange range, int chunkSize)
    {
        var pieceSize = range.Kind == ChunkKind.Zero ? MaxZeroLength : chunkSize;
        for (var offset = range.Offset; offset < range.End; offset += pieceSize)
        {
            yield return new ChunkRange(offset, Math.Min(pieceSize, range.End - offset), range.Kind);
        }
    }

    private static IEnumerable<ChunkRange> Between(long start, long end, SourceDisk disk, int chunkSize, ChunkSet? mandatory)
    {
        if (mandatory is null)
        {
            if (start < end)
            {
                throw Invalid(disk, $"no range covers bytes {start} to {end}");
            }

            yield break;
        }

        var endChunk = (end + chunkSize - 1) / chunkSize;
        for (var (first, last) = mandatory.FindRun((start + chunkSize - 1) / chunkSize, endChunk); first < last; (first, last) = mandatory.FindRun(last, endChunk))
        {
            yield return new ChunkRange(first * chunkSize, Math.Min(last * chunkSize, disk.SizeBytes) - (first * chunkSize));
        }
    }

    private static void Check(ChunkRange range, long position, SourceDisk disk, int chunkSize)
    {
        if (range.Offset < position || range.End > disk.SizeBytes)
        {
            throw Invalid(disk, $"the range {range.Offset} to {range.End} overlaps the one before it or the end of the disk");
        }

        if (range.Offset % chunkSize != 0 || (range.End % chunkSize != 0 && range.End != disk.SizeBytes))
        {
            throw Invalid(disk, $"the range {range.Offset} to {range.End} does not lie on chunks of {chunkSize} bytes");
        }
    }

    private static SourceException Invalid(SourceDisk disk, string why) =>
        new($"The source reported wrong ranges for disk {disk.Id}: {why}.") { ResourceId = disk.Id };
}
