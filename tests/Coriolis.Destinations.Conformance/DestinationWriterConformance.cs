using Coriolis.Providers;
using NUnit.Framework;

namespace Coriolis.Destinations.Conformance;

/// <summary>What the engine expects of every destination writer. Derive a fixture and create the writer in it.</summary>
public abstract class DestinationWriterConformance
{
    private const long Size = 1024 * 1024;
    private const int Chunk = 64 * 1024;

    /// <summary>Creates a writer over the place of the current test; called again within a test, over the same place.</summary>
    protected abstract IDestinationWriter CreateWriter();

    /// <summary>Describes the disk of the tests.</summary>
    protected static DiskDescriptor Disk(long sizeBytes = Size, string replicaId = "replica-1", string diskId = "vol-1") => new()
    {
        ReplicaId = replicaId,
        InstanceId = "i-1",
        DiskId = diskId,
        SizeBytes = sizeBytes,
    };

    [Test]
    public async Task A_new_disk_reads_as_zeros_or_is_unknown()
    {
        await using var disk = await CreateWriter().OpenAsync(Disk());

        Assert.That(disk.Content.Kind, Is.Not.EqualTo(DestinationContentKind.Committed));
        Assert.That(disk.Content.Reason, Is.Not.Empty);
        if (disk.Content.Kind == DestinationContentKind.Zeroes && disk.Capabilities.CanReadBack)
        {
            Assert.That(await ReadAllAsync(disk), Is.EqualTo(new byte[Size]));
        }
    }

    [Test]
    public async Task What_was_written_is_read_back_in_the_same_session()
    {
        await using var disk = await CreateWriter().OpenAsync(Disk());
        AssumeReadBack(disk);
        var bytes = Bytes(1, Chunk);

        await disk.WriteAsync(3 * Chunk, bytes);
        var actual = new byte[Chunk];
        await disk.ReadAsync(3 * Chunk, actual);

        Assert.That(actual, Is.EqualTo(bytes));
    }

    [Test]
    public async Task What_was_committed_is_there_after_reopening()
    {
        var root = await CommitAsync(Bytes(2, (int)Size));

        await using var disk = await CreateWriter().OpenAsync(Disk());

        AssumeReadBack(disk);
        Assert.That(await ReadAllAsync(disk), Is.EqualTo(Bytes(2, (int)Size)));
        Assert.That(disk.Content.Kind, Is.Not.EqualTo(DestinationContentKind.Zeroes));
        if (disk.Content.Kind == DestinationContentKind.Committed)
        {
            Assert.That(disk.Content.ContentRoot, Is.EqualTo(root));
        }
    }

    [Test]
    public async Task What_was_flushed_is_there_after_reopening_and_still_in_doubt()
    {
        var bytes = Bytes(8, Chunk);
        await using (var disk = await CreateWriter().OpenAsync(Disk()))
        {
            AssumeReadBack(disk);
            Assume.That(disk.Capabilities.CanFlush, "this destination cannot flush");
            await disk.WriteAsync(3 * Chunk, bytes);
            await disk.FlushAsync();
        }

        await using var reopened = await CreateWriter().OpenAsync(Disk());

        var actual = new byte[Chunk];
        await reopened.ReadAsync(3 * Chunk, actual);
        Assert.That(actual, Is.EqualTo(bytes));
        Assert.That(reopened.Content.Kind, Is.EqualTo(DestinationContentKind.Unknown));
    }

    [Test]
    public async Task A_flush_that_is_not_offered_is_refused()
    {
        await using var disk = await CreateWriter().OpenAsync(Disk());
        Assume.That(disk.Capabilities.CanFlush, Is.False, "this destination can flush");

        Assert.That(async () => await disk.FlushAsync(), Throws.TypeOf<NotSupportedException>());
    }

    [Test]
    public async Task Concurrent_writes_in_any_order_all_arrive()
    {
        await using var disk = await CreateWriter().OpenAsync(Disk());
        AssumeReadBack(disk);
        var bytes = Bytes(3, (int)Size);

        await Parallel.ForEachAsync(
            Enumerable.Range(0, (int)Size / Chunk).Reverse(),
            new ParallelOptions { MaxDegreeOfParallelism = disk.Capabilities.MaxConcurrency },
            async (index, token) => await disk.WriteAsync(index * Chunk, bytes.AsMemory(index * Chunk, Chunk), token));

        Assert.That(await ReadAllAsync(disk), Is.EqualTo(bytes));
    }

    [Test]
    public async Task The_last_of_several_writes_of_a_range_wins()
    {
        await using var disk = await CreateWriter().OpenAsync(Disk());
        AssumeReadBack(disk);

        await disk.WriteAsync(0, Bytes(4, Chunk));
        await disk.WriteAsync(0, Bytes(5, Chunk));
        var actual = new byte[Chunk];
        await disk.ReadAsync(0, actual);

        Assert.That(actual, Is.EqualTo(Bytes(5, Chunk)));
    }

    [Test]
    public async Task Zeroing_makes_a_written_range_zero_and_nothing_else()
    {
        await using var disk = await CreateWriter().OpenAsync(Disk());
        AssumeReadBack(disk);
        var bytes = Bytes(6, (int)Size);
        await disk.WriteAsync(0, bytes);

        await disk.WriteZeroesAsync(2 * Chunk, 3 * Chunk);

        bytes.AsSpan(2 * Chunk, 3 * Chunk).Clear();
        Assert.That(await ReadAllAsync(disk), Is.EqualTo(bytes));
    }

    [Test]
    public async Task Zeroing_the_whole_disk_at_once_works()
    {
        await using var disk = await CreateWriter().OpenAsync(Disk());
        AssumeReadBack(disk);
        await disk.WriteAsync(0, Bytes(7, (int)Size));

        await disk.WriteZeroesAsync(0, Size);

        Assert.That(await ReadAllAsync(disk), Is.EqualTo(new byte[Size]));
    }

    [Test]
    public async Task A_short_last_chunk_is_written()
    {
        const long odd = Size - (Chunk / 2);
        await using var disk = await CreateWriter().OpenAsync(Disk(odd));
        AssumeReadBack(disk);

        await disk.WriteAsync(Size - Chunk, Bytes(8, Chunk / 2));
        var actual = new byte[Chunk / 2];
        await disk.ReadAsync(Size - Chunk, actual);

        Assert.That(actual, Is.EqualTo(Bytes(8, Chunk / 2)));
    }

    [Test]
    public async Task Dispose_without_commit_makes_the_content_unknown()
    {
        await CommitAsync(Bytes(9, (int)Size));
        await using (var interrupted = await CreateWriter().OpenAsync(Disk()))
        {
            await interrupted.WriteAsync(0, Bytes(10, Chunk));
        }

        await using var disk = await CreateWriter().OpenAsync(Disk());

        Assert.That(disk.Content.Kind, Is.EqualTo(DestinationContentKind.Unknown));
    }

    [Test]
    public async Task Opening_and_closing_without_a_write_changes_nothing()
    {
        await CommitAsync(Bytes(11, (int)Size));
        DestinationContent before;
        await using (var untouched = await CreateWriter().OpenAsync(Disk()))
        {
            before = untouched.Content;
        }

        await using var disk = await CreateWriter().OpenAsync(Disk());

        Assert.That(disk.Content, Is.EqualTo(before));
    }

    [Test]
    public async Task A_grown_disk_keeps_its_bytes()
    {
        await CommitAsync(Bytes(12, (int)Size));

        await using var disk = await CreateWriter().OpenAsync(Disk(2 * Size));
        AssumeReadBack(disk);
        await disk.WriteAsync(Size, Bytes(13, Chunk));
        var actual = new byte[Size + Chunk];
        await disk.ReadAsync(0, actual);

        Assert.That(actual, Is.EqualTo([.. Bytes(12, (int)Size), .. Bytes(13, Chunk)]));
    }

    [Test]
    public async Task The_disk_of_another_replica_is_refused()
    {
        await CommitAsync(Bytes(14, (int)Size));

        Assert.That(
            async () => await CreateWriter().OpenAsync(Disk(replicaId: "replica-2")),
            Throws.TypeOf<DestinationException>());
    }

    [Test]
    public async Task A_disk_that_is_open_cannot_be_opened_again()
    {
        await using var disk = await CreateWriter().OpenAsync(Disk());

        Assert.That(async () => await CreateWriter().OpenAsync(Disk()), Throws.TypeOf<DestinationException>());
    }

    [Test]
    public void A_cancelled_opening_throws()
    {
        Assert.That(
            async () => await CreateWriter().OpenAsync(Disk(), new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Disks_do_not_share_bytes()
    {
        await using var first = await CreateWriter().OpenAsync(Disk());
        await using var second = await CreateWriter().OpenAsync(Disk(diskId: "vol-2"));
        AssumeReadBack(first);

        await first.WriteAsync(0, Bytes(15, Chunk));
        await second.WriteAsync(0, Bytes(16, Chunk));
        var actual = new byte[Chunk];
        await first.ReadAsync(0, actual);

        Assert.That(actual, Is.EqualTo(Bytes(15, Chunk)));
    }

    private static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadAllAsync(IDiskWriter disk)
    {
        var bytes = new byte[Size];
        await disk.ReadAsync(0, bytes);
        return bytes;
    }

    private static void AssumeReadBack(IDiskWriter disk) => Assume.That(disk.Capabilities.CanReadBack, "needs read-back");

    private async Task<ChunkDigest> CommitAsync(byte[] bytes)
    {
        await using var disk = await CreateWriter().OpenAsync(Disk());
        await disk.WriteAsync(0, bytes);
        var manifest = new StubManifest(Disk(), ChunkDigest.Compute(bytes));
        await disk.CommitAsync(manifest);
        return manifest.ContentRoot;
    }
}
