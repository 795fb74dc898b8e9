using Coriolis.Providers;
using CsCheck;

namespace Coriolis.Replication.Tests;

internal sealed class ChunkRangesTests
{
    private const int Chunk = 16;
    private const int Chunks = 20;

    private static readonly Gen<ChunkKind?[]> s_kinds = Gen.Int[0, 2].Select<int, ChunkKind?>(i => i == 0 ? null : (ChunkKind)(i - 1)).Array[Chunks];

    [Test]
    public void WithMandatoryAsync_AnyRangesAndMandatoryChunks_AddsExactlyTheMissingOnesInOrder()
    {
        Gen.Select(s_kinds, Gen.Int[0, Chunks - 1].HashSet[0, 10], Gen.Int[1, Chunk]).Sample((kinds, mandatory, lastLength) =>
        {
            var size = ((Chunks - 1) * Chunk) + lastLength;
            var set = new ChunkSet(Chunks);
            foreach (var chunk in mandatory)
            {
                set.Add(chunk);
            }

            var pieces = Collect(Ranges(kinds, size), size, set).SelectMany(range => ChunkRanges.Cut(range, Chunk)).ToList();
            var actual = new ChunkKind?[Chunks];
            foreach (var piece in pieces)
            {
                for (var offset = piece.Offset; offset < piece.End; offset += Chunk)
                {
                    actual[offset / Chunk] = piece.Kind;
                }
            }

            var expected = kinds.Select((kind, chunk) => kind ?? (mandatory.Contains(chunk) ? ChunkKind.Data : null));
            return actual.SequenceEqual(expected)
                && pieces.Zip(pieces.Skip(1)).All(pair => pair.First.End <= pair.Second.Offset)
                && pieces.All(piece => piece.End <= size && (piece.Kind == ChunkKind.Zero || piece.Length <= Chunk));
        });
    }

    [Test]
    public void WithMandatoryAsync_GapWhereTheDiskMustBeCovered_Throws()
    {
        ChunkRange[] ranges = [new(0, Chunk), new(2 * Chunk, Chunk)];

        Assert.That(() => Collect(ranges, 3 * Chunk, null), Throws.TypeOf<SourceException>().With.Message.Contains($"bytes {Chunk} to {2 * Chunk}"));
    }

    [Test]
    public void WithMandatoryAsync_RangesStopBeforeTheEnd_Throws()
    {
        Assert.That(() => Collect([new(0, Chunk)], 3 * Chunk, null), Throws.TypeOf<SourceException>());
    }

    [TestCase(0, 8, TestName = "WithMandatoryAsync_RangeThatEndsInAChunk_Throws")]
    [TestCase(8, 8, TestName = "WithMandatoryAsync_RangeThatStartsInAChunk_Throws")]
    [TestCase(32, 32, TestName = "WithMandatoryAsync_RangeBeyondTheDisk_Throws")]
    public void WithMandatoryAsync_WrongRange_Throws(long offset, long length)
    {
        Assert.That(() => Collect([new(offset, length)], 3 * Chunk, new ChunkSet(3)), Throws.TypeOf<SourceException>());
    }

    [Test]
    public void WithMandatoryAsync_OverlappingRanges_Throws()
    {
        Assert.That(
            () => Collect([new(0, 2 * Chunk), new(Chunk, Chunk)], 3 * Chunk, new ChunkSet(3)), Throws.TypeOf<SourceException>());
    }

    [Test]
    public void Cut_LongZeros_StayLong()
    {
        var pieces = ChunkRanges.Cut(new ChunkRange(0, 5L << 30, ChunkKind.Zero), 512 * 1024).ToList();

        Assert.That(pieces, Has.Count.EqualTo(5));
        Assert.That(pieces[^1].End, Is.EqualTo(5L << 30));
    }

    private static IEnumerable<ChunkRange> Ranges(ChunkKind?[] kinds, int size) =>
        kinds.Select((kind, chunk) => (kind, chunk))
            .Where(entry => entry.kind is not null)
            .Select(entry => new ChunkRange(entry.chunk * Chunk, Math.Min(Chunk, size - (entry.chunk * Chunk)), entry.kind!.Value));

    private static List<ChunkRange> Collect(IEnumerable<ChunkRange> ranges, int size, ChunkSet? mandatory)
    {
        var disk = new SourceDisk { Id = "vol-1", DeviceName = "/dev/xvda", SizeBytes = size, IsBoot = true };
        return ChunkRanges.WithMandatoryAsync(ranges.ToAsyncEnumerable(), disk, Chunk, mandatory, CancellationToken.None)
            .ToListAsync().AsTask().GetAwaiter().GetResult();
    }
}
