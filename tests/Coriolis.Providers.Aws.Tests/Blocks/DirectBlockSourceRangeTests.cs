using System.Net;
using Coriolis.Providers.Aws.Blocks;
using Coriolis.Providers.Aws.Tests.Ebs;
using CsCheck;

namespace Coriolis.Providers.Aws.Tests.Blocks;

public sealed class DirectBlockSourceRangeTests
{
    private const int BlockSize = DirectBlockSourceFixture.BlockSize;

    private const int BlockCount = 2048;

    // Sparse, dense and clustered sets of blocks with a fill each; zero-filled blocks are listed like others.
    private static readonly Gen<SortedDictionary<int, byte>> s_snapshot =
        Gen.Select(Gen.Int[0, BlockCount - 1], Gen.Int[1, 20], Gen.Byte[0, 3]).List[0, 25].Select(runs =>
        {
            var blocks = new SortedDictionary<int, byte>();
            foreach (var (start, length, fill) in runs)
            {
                for (var block = start; block < Math.Min(start + length, BlockCount); block++)
                {
                    blocks[block] = fill;
                }
            }

            return blocks;
        });

    private static readonly Gen<(int Blocks, int PageLimit, bool EmptyPages, bool Exclusive)> s_shape =
        Gen.Select(Gen.OneOf(1, 2, 8), Gen.OneOf(3, 7, 100, 10_000), Gen.Bool, Gen.Bool);

    [Test]
    public void GetChangesAsync_NoBaseline_CoversTheDiskWithDataWhereBlocksAreWritten() =>
        Gen.Select(s_snapshot, s_shape).Sample(
            (blocks, shape) =>
            {
                using var fixture = Create(shape);
                fixture.Service.Snapshots["snap-2"] = blocks;

                var ranges = fixture.GetChanges().GetAwaiter().GetResult();

                return Kinds(ranges, shape.Blocks).SequenceEqual(Enumerable.Range(0, BlockCount / shape.Blocks)
                    .Select(chunk => Blocks(chunk, shape.Blocks).Any(blocks.ContainsKey) ? "data" : "zero"));
            },
            iter: 100);

    [Test]
    public void GetChangesAsync_Baseline_NamesExactlyTheChunksThatChanged() =>
        Gen.Select(s_snapshot, s_snapshot, s_shape).Sample(
            (first, second, shape) =>
            {
                using var fixture = Create(shape);
                fixture.Service.Snapshots["snap-1"] = first;
                fixture.Service.Snapshots["snap-2"] = second;

                var ranges = fixture.GetChanges(new FakeManifest("snap-1", fixture.Disk.SizeBytes)).GetAwaiter().GetResult();

                return Kinds(ranges, shape.Blocks).SequenceEqual(Enumerable.Range(0, BlockCount / shape.Blocks)
                    .Select(chunk => Expected(Blocks(chunk, shape.Blocks).ToList(), first, second)));
            },
            iter: 100);

    [Test]
    public async Task GetChangesAsync_ConsecutiveBlocks_AreOneRange()
    {
        using var fixture = new DirectBlockSourceFixture();
        fixture.Service.Snapshots["snap-2"] = Fill([5, 6, 7]);

        var ranges = await fixture.GetChanges();

        Assert.That(ranges, Is.EqualTo((ChunkRange[])
        [
            new(0, 5L * BlockSize, ChunkKind.Zero),
            new(5L * BlockSize, 3L * BlockSize),
            new(8L * BlockSize, 2040L * BlockSize, ChunkKind.Zero),
        ]));
    }

    [Test]
    public async Task GetChangesAsync_NothingWritten_IsOneZeroRange()
    {
        using var fixture = new DirectBlockSourceFixture(sizeGiB: 16);
        fixture.Service.Snapshots["snap-2"] = [];

        var ranges = await fixture.GetChanges();

        Assert.That(ranges, Is.EqualTo((ChunkRange[])[new(0, 16L << 30, ChunkKind.Zero)]));
    }

    [Test]
    public async Task GetChangesAsync_SameAsBaseline_IsEmpty()
    {
        using var fixture = new DirectBlockSourceFixture();
        fixture.Service.Snapshots["snap-1"] = Fill([1, 2]);
        fixture.Service.Snapshots["snap-2"] = Fill([1, 2]);

        var ranges = await fixture.GetChanges(new FakeManifest("snap-1", fixture.Disk.SizeBytes));

        Assert.That(ranges, Is.Empty);
    }

    [Test]
    public async Task GetChangesAsync_VolumeGrew_MentionsAllOfTheNewPart()
    {
        using var fixture = new DirectBlockSourceFixture(sizeGiB: 2);
        fixture.Service.Snapshots["snap-1"] = Fill([1]);
        fixture.Service.Snapshots["snap-2"] = Fill([1, 3000]);

        var ranges = await fixture.GetChanges(new FakeManifest("snap-1", 1L << 30));

        Assert.That(ranges, Is.EqualTo((ChunkRange[])
        [
            new(2048L * BlockSize, 952L * BlockSize, ChunkKind.Zero),
            new(3000L * BlockSize, BlockSize),
            new(3001L * BlockSize, 1095L * BlockSize, ChunkKind.Zero),
        ]));
    }

    [TestCase("UNRELATED_SNAPSHOTS")]
    [TestCase("deleted")]
    [TestCase("larger")]
    [TestCase("no snapshot")]
    public async Task GetChangesAsync_BaselineCannotBeCompared_ListsEverythingAndSaysSo(string obstacle)
    {
        using var fixture = new DirectBlockSourceFixture();
        fixture.Service.Snapshots["snap-2"] = Fill([0]);
        fixture.Service.Intercept = (request, _) => Task.FromResult(
            obstacle == "UNRELATED_SNAPSHOTS" && request.RequestUri!.AbsolutePath.EndsWith("changedblocks", StringComparison.Ordinal)
                ? InMemoryEbs.Error(HttpStatusCode.BadRequest, "ValidationException", obstacle)
                : null);
        var baseline = new FakeManifest(obstacle == "no snapshot" ? "worker" : "snap-1", obstacle == "larger" ? 2L << 30 : 1L << 30);

        var ranges = await fixture.GetChanges(baseline);

        Assert.That(ranges, Is.EqualTo((ChunkRange[])[new(0, BlockSize), new(BlockSize, 2047L * BlockSize, ChunkKind.Zero)]));
        Assert.That(fixture.Source.FullComparisonReason, Is.Not.Null);
        Assert.That(fixture.Progress.Reports.Single().DiskId, Is.EqualTo("vol-1"));
        Assert.That(fixture.Ebs.Logs.GetSnapshot().Count(record => record.Id.Name == "BaselineNotComparable"), Is.EqualTo(1));
    }

    [Test]
    public async Task GetChangesAsync_BaselineDeletedMeanwhile_GoesOnWithTheFullListFromThere()
    {
        using var fixture = new DirectBlockSourceFixture();
        fixture.Service.PageLimit = 2;
        fixture.Service.Snapshots["snap-1"] = Fill([1]);
        fixture.Service.Snapshots["snap-2"] = Fill([1, 10, 11, 20, 21]);
        fixture.Service.Intercept = (_, _) =>
        {
            if (fixture.Service.Count("changedblocks") == 2)
            {
                fixture.Service.Snapshots.Remove("snap-1");
            }

            return Task.FromResult<HttpResponseMessage?>(null);
        };

        var ranges = await fixture.GetChanges(new FakeManifest("snap-1", fixture.Disk.SizeBytes));

        Assert.That(ranges, Is.EqualTo((ChunkRange[])
        [
            new(10L * BlockSize, 2L * BlockSize),
            new(12L * BlockSize, 8L * BlockSize, ChunkKind.Zero),
            new(20L * BlockSize, BlockSize),
            new(21L * BlockSize, BlockSize),
            new(22L * BlockSize, 2026L * BlockSize, ChunkKind.Zero),
        ]));
    }

    [Test]
    public async Task GetChangesAsync_PageTokenExpires_ListsAgainFromTheLastIndex()
    {
        using var fixture = new DirectBlockSourceFixture();
        fixture.Service.PageLimit = 3;
        fixture.Service.Snapshots["snap-2"] = Fill([.. Enumerable.Range(100, 10)]);
        fixture.Service.Intercept = (_, _) =>
        {
            fixture.Service.TokenGeneration += fixture.Service.Requests.Count == 3 ? 1 : 0;
            return Task.FromResult<HttpResponseMessage?>(null);
        };

        var ranges = await fixture.GetChanges();

        Assert.That(ranges.Where(range => range.Kind == ChunkKind.Data).Sum(range => range.Length), Is.EqualTo(10L * BlockSize));
        Assert.That(fixture.Service.Count("startingBlockIndex=105"), Is.EqualTo(1));
    }

    [Test]
    public async Task GetChangesAsync_FirstPage_IsUsableBeforeTheNextIsListed()
    {
        using var fixture = new DirectBlockSourceFixture();
        fixture.Service.PageLimit = 4;
        fixture.Service.Snapshots["snap-2"] = Fill([.. Enumerable.Range(0, 100)]);

        await using var ranges = fixture.Source.GetChangesAsync(null).GetAsyncEnumerator();
        await ranges.MoveNextAsync();

        Assert.That(ranges.Current, Is.EqualTo(new ChunkRange(0, 4L * BlockSize)));
        Assert.That(fixture.Service.Requests, Has.Count.EqualTo(1));
    }

    [TestCase("""{"BlockSize":524288,"VolumeSize":1,"Blocks":[{"BlockIndex":5,"BlockToken":"a"},{"BlockIndex":4,"BlockToken":"a"}]}""", "lists block 4 after block 5")]
    [TestCase("""{"BlockSize":524288,"VolumeSize":1,"Blocks":[{"BlockIndex":5,"BlockToken":"a"},{"BlockIndex":5,"BlockToken":"a"}]}""", "lists block 5 after block 5")]
    [TestCase("""{"BlockSize":524288,"VolumeSize":1,"Blocks":[{"BlockIndex":2048,"BlockToken":"a"}]}""", "the volume has 2048 blocks")]
    [TestCase("""{"BlockSize":524288,"VolumeSize":1,"Blocks":[{"BlockToken":"a"}]}""", "lists block -1")]
    [TestCase("""{"BlockSize":512,"VolumeSize":1,"Blocks":[]}""", "block size of 512")]
    [TestCase("""{"BlockSize":524288,"VolumeSize":2,"Blocks":[]}""", "volume size of 2147483648 bytes")]
    public void GetChangesAsync_ContradictoryList_ThrowsIntegrityException(string body, string expected)
    {
        using var fixture = new DirectBlockSourceFixture();
        fixture.Service.Intercept = (_, _) => Task.FromResult<HttpResponseMessage?>(
            new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body) });

        Assert.That(async () => await fixture.GetChanges(), Throws.TypeOf<IntegrityException>().With.Message.Contains(expected).And.Message.Contains("snap-2"));
    }

    [Test]
    public async Task GetChangesAsync_VolumeSizeInBytes_IsUnderstood()
    {
        using var fixture = new DirectBlockSourceFixture();
        fixture.Service.VolumeSize = 1L << 30;
        fixture.Service.Snapshots["snap-2"] = Fill([0]);

        var ranges = await fixture.GetChanges();

        Assert.That(ranges, Has.Count.EqualTo(2));
    }

    [Test]
    public void GetChangesAsync_NotJson_ThrowsSourceException()
    {
        using var fixture = new DirectBlockSourceFixture();
        fixture.Service.Intercept = (_, _) => Task.FromResult<HttpResponseMessage?>(
            new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html/>") });

        Assert.That(async () => await fixture.GetChanges(), Throws.TypeOf<SourceException>().With.Message.Contains("the list cannot be read"));
    }

    private static DirectBlockSourceFixture Create((int Blocks, int PageLimit, bool EmptyPages, bool Exclusive) shape)
    {
        var fixture = new DirectBlockSourceFixture(options: new DirectBlockSourceOptions { ChunkSize = shape.Blocks * BlockSize });
        fixture.Service.PageLimit = shape.PageLimit;
        fixture.Service.EmptyPages = shape.EmptyPages;
        fixture.Service.StartIsExclusive = shape.Exclusive;
        return fixture;
    }

    private static SortedDictionary<int, byte> Fill(int[] blocks) => new(blocks.ToDictionary(block => block, _ => (byte)1));

    private static IEnumerable<int> Blocks(int chunk, int blocksPerChunk) => Enumerable.Range(chunk * blocksPerChunk, blocksPerChunk);

    private static string Expected(List<int> blocks, SortedDictionary<int, byte> first, SortedDictionary<int, byte> second)
    {
        var changed = blocks.Where(block => first.TryGetValue(block, out var old) != second.TryGetValue(block, out var now) || old != now).ToList();
        return changed.Count == 0 ? "unchanged"
            : changed.Exists(second.ContainsKey) || changed.Count < blocks.Count ? "data"
            : "zero";
    }

    // Fails the property when ranges overlap, descend, or do not lie on chunks.
    private static string[] Kinds(List<ChunkRange> ranges, int blocksPerChunk)
    {
        var chunkSize = (long)blocksPerChunk * BlockSize;
        var kinds = Enumerable.Repeat("unchanged", BlockCount / blocksPerChunk).ToArray();
        var end = 0L;
        foreach (var range in ranges)
        {
            if (range.Offset < end || range.Length <= 0 || range.Offset % chunkSize != 0 || range.End % chunkSize != 0)
            {
                return [$"bad range {range}"];
            }

            end = range.End;
            Array.Fill(kinds, range.Kind == ChunkKind.Zero ? "zero" : "data", (int)(range.Offset / chunkSize), (int)(range.Length / chunkSize));
        }

        return kinds;
    }
}
