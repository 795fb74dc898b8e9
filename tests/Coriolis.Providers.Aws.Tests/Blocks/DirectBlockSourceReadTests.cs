using System.Net;
using System.Security.Cryptography;
using Coriolis.Providers.Aws.Blocks;
using Coriolis.Providers.Aws.Tests.Ebs;

namespace Coriolis.Providers.Aws.Tests.Blocks;

public sealed class DirectBlockSourceReadTests
{
    private const int BlockSize = DirectBlockSourceFixture.BlockSize;

    [Test]
    public async Task ReadAsync_ListedBlock_UsesTheTokenOfTheList()
    {
        using var fixture = Create(0, 1, 2);
        await fixture.GetChanges();

        var (first, last, digest) = await fixture.Read(1);

        Assert.That((first, last), Is.EqualTo(((byte)1, (byte)1)));
        Assert.That(digest, Is.EqualTo(Digest(1, BlockSize)));
        Assert.That(fixture.Service.Count("/blocks?"), Is.EqualTo(1), "listed once");
    }

    [Test]
    public async Task ReadAsync_NothingListedBefore_ListsFromThatBlock()
    {
        using var fixture = Create(1500);

        var (first, _, _) = await fixture.Read(1500);

        Assert.That(first, Is.EqualTo(1));
        Assert.That(fixture.Service.Count("startingBlockIndex=1499"), Is.EqualTo(1));
    }

    [Test]
    public async Task ReadAsync_BlockThatWasNeverWritten_IsZerosWithoutARead()
    {
        using var fixture = Create(1500);

        var (first, last, digest) = await fixture.Read(3);

        Assert.That((first, last, digest), Is.EqualTo(((byte)0, (byte)0, ChunkDigest.Zero)));
        Assert.That(fixture.Service.Count("blockToken"), Is.Zero);
    }

    [Test]
    public async Task ReadAsync_BlockNoLongerInTheSnapshot_IsZerosWithoutARead()
    {
        using var fixture = Create(1);
        fixture.Service.Snapshots["snap-1"] = new() { [7] = 1 };
        await fixture.GetChanges(new FakeManifest("snap-1", fixture.Disk.SizeBytes));

        var (first, _, digest) = await fixture.Read(7);

        Assert.That((first, digest), Is.EqualTo(((byte)0, ChunkDigest.Zero)));
        Assert.That(fixture.Service.Requests, Has.Count.EqualTo(1), "the list of changes tells");
    }

    [Test]
    public async Task ReadAsync_BlockThatTheListOfChangesDoesNotName_IsReadNonetheless()
    {
        using var fixture = Create(1, 2);
        fixture.Service.Snapshots["snap-1"] = new() { [1] = 1 };
        await fixture.GetChanges(new FakeManifest("snap-1", fixture.Disk.SizeBytes));

        var (first, _, _) = await fixture.Read(1);

        Assert.That(first, Is.EqualTo(1), "unchanged is not zero");
    }

    [Test]
    public async Task ReadAsync_SeveralBlocksPerChunk_FillsAllAndReturnsTheChunksDigest()
    {
        using var fixture = new DirectBlockSourceFixture(options: new DirectBlockSourceOptions { ChunkSize = 4 * BlockSize });
        fixture.Service.Snapshots["snap-2"] = new() { [4] = 4, [6] = 6, [7] = 0 };
        var chunk = new byte[4 * BlockSize];
        chunk.AsSpan().Fill(0xEE);

        var digest = await fixture.Source.ReadAsync(4L * BlockSize, chunk);

        Assert.That(Enumerable.Range(0, 4).Select(block => (chunk[block * BlockSize], chunk[(block * BlockSize) + BlockSize - 1])),
            Is.EqualTo(((byte, byte)[])[(4, 4), (0, 0), (6, 6), (0, 0)]));
        Assert.That(digest, Is.EqualTo(ChunkDigest.Compute(chunk)));
    }

    [Test]
    public void ReadAsync_OneOfSeveralBlocksFails_ThrowsThatFailure()
    {
        using var fixture = new DirectBlockSourceFixture(options: new DirectBlockSourceOptions { ChunkSize = 4 * BlockSize });
        fixture.Service.Snapshots["snap-2"] = new() { [0] = 1, [1] = 1, [2] = 1, [3] = 1 };
        fixture.Service.Intercept = (request, _) => Task.FromResult(request.RequestUri!.AbsolutePath.EndsWith("/2", StringComparison.Ordinal)
            ? InMemoryEbs.Error(HttpStatusCode.Forbidden, "AccessDeniedException", "DEPENDENCY_ACCESS_DENIED")
            : null);

        Assert.That(
            async () => await fixture.Source.ReadAsync(0, new byte[4 * BlockSize]),
            Throws.TypeOf<SourceAccessDeniedException>().With.Message.Contains("block 2 of snapshot snap-2").And.Message.Contains("kms:Decrypt"));
    }

    [Test]
    public async Task ReadAsync_TokenRefused_ListsAgainOnceAndReads()
    {
        using var fixture = Create(1, 2);
        await fixture.GetChanges();
        fixture.Service.TokenGeneration++;

        var (first, _, _) = await fixture.Read(2);

        Assert.That(first, Is.EqualTo(1));
        Assert.That(fixture.Service.Count("/blocks?"), Is.EqualTo(2));
    }

    [Test]
    public async Task ReadAsync_TokensNearTheirExpiry_AreListedAgainBeforeTheyFail()
    {
        using var fixture = Create(1, 2);
        fixture.Service.ExpiryTime = fixture.Ebs.Time.GetUtcNow().AddHours(1);
        await fixture.GetChanges();
        fixture.Ebs.Time.Advance(TimeSpan.FromMinutes(59.5));
        fixture.Service.ExpiryTime = fixture.Ebs.Time.GetUtcNow().AddHours(1);

        await fixture.Read(2);

        Assert.That(fixture.Service.Count("/blocks?"), Is.EqualTo(2));
        Assert.That(fixture.Service.Count("blockToken"), Is.EqualTo(1), "no read was refused");
    }

    [Test]
    public void ReadAsync_TokenRefusedAgain_FailsInsteadOfListingForEver()
    {
        using var fixture = Create(1);
        fixture.Service.Intercept = (request, _) => Task.FromResult(request.RequestUri!.Query.Contains("blockToken", StringComparison.Ordinal)
            ? InMemoryEbs.Error(HttpStatusCode.BadRequest, "ValidationException", "INVALID_BLOCK_TOKEN")
            : null);

        Assert.That(async () => await fixture.Read(1), Throws.TypeOf<SourceException>().With.Property("ErrorCode").EqualTo("ValidationException"));
        Assert.That(fixture.Service.Requests, Has.Count.EqualTo(4), "list, read, list, read");
    }

    [Test]
    public async Task ReadAsync_ManyReadersMissTheSamePage_ListItOnce()
    {
        using var fixture = Create([.. Enumerable.Range(0, 50)]);
        var gate = new TaskCompletionSource();
        fixture.Service.Intercept = async (request, _) =>
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/blocks", StringComparison.Ordinal))
            {
                await gate.Task;
            }

            return null;
        };
        var reads = Enumerable.Range(0, 20).Select(block => fixture.Read(block)).ToList();

        gate.SetResult();
        await Task.WhenAll(reads);

        Assert.That(fixture.Service.Count("/blocks?"), Is.EqualTo(1));
    }

    [Test]
    public async Task GetChangesAsync_ManyPages_KeepsTheTokensOfAFewOnly()
    {
        using var fixture = new DirectBlockSourceFixture(sizeGiB: 8, options: new DirectBlockSourceOptions { CachedPages = 2, PageSize = 1000 });
        fixture.Service.Snapshots["snap-2"] = new(Enumerable.Range(0, 16 * 1024).ToDictionary(block => block, _ => (byte)1));
        var largest = 0L;

        await foreach (var range in fixture.Source.GetChangesAsync(null))
        {
            largest = Math.Max(largest, fixture.Source.TokenBytes);
        }

        Assert.That(largest, Is.InRange(2 * 1000 * 20, 2 * 1000 * 300));
        Assert.That(fixture.Service.Count("/blocks?"), Is.EqualTo(17));
    }

    [Test]
    public void ReadAsync_WrongOffsetOrLength_IsRefused()
    {
        using var fixture = Create(0);

        Assert.That(async () => await fixture.Source.ReadAsync(1, new byte[BlockSize]), Throws.InstanceOf<ArgumentException>());
        Assert.That(async () => await fixture.Source.ReadAsync(0, new byte[BlockSize - 1]), Throws.InstanceOf<ArgumentException>());
        Assert.That(async () => await fixture.Source.ReadAsync(1L << 30, new byte[BlockSize]), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void ReadAsync_Cancelled_ThrowsOnlyTheCancellation()
    {
        using var fixture = Create(0);
        using var cancellation = new CancellationTokenSource();
        fixture.Service.Intercept = async (_, token) =>
        {
            await cancellation.CancelAsync();
            token.ThrowIfCancellationRequested();
            return null;
        };

        Assert.That(async () => await fixture.Source.ReadAsync(0, new byte[BlockSize], cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private static DirectBlockSourceFixture Create(params int[] blocks)
    {
        var fixture = new DirectBlockSourceFixture();
        fixture.Service.Snapshots["snap-2"] = new(blocks.ToDictionary(block => block, _ => (byte)1));
        return fixture;
    }

    private static ChunkDigest Digest(byte fill, int length)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill(fill);
        return new ChunkDigest(SHA256.HashData(bytes));
    }
}
