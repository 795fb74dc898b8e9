using System.Security.Cryptography;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Tests.Storage;

internal sealed class SyntheticVolumeTests
{
    private const string Region = "eu-west-1";
    private const long TiB = 1L << 40;

    private TemporaryFolder _folder;
    private BlockStore _store;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        _store = new BlockStore(_folder.Path);
    }

    [TearDown]
    public void TearDown()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task CreateSnapshotAsync_64TiB_TakesNoDiskSpace()
    {
        await CreateAsync(64 * TiB, new SyntheticVolumeSpec());

        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);

        using var snapshot = _store.TryOpenSnapshot(Region, "snap-1")!;
        Assert.That(snapshot.BlockCount, Is.EqualTo(134_217_728));
        Assert.That(snapshot.FindNext(134_217_727, snapshot.BlockCount), Is.EqualTo(134_217_727));
        Assert.That(new DirectoryInfo(_folder.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length), Is.LessThan(10_000));
    }

    [Test]
    public async Task GetDigest_WrittenBlock_IsSha256OfItsBytes()
    {
        await CreateAsync(TiB, new SyntheticVolumeSpec { Seed = 7, AllocatedFraction = 0.5 });
        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);

        using var snapshot = _store.TryOpenSnapshot(Region, "snap-1")!;
        var index = snapshot.FindNext(1_000_000, snapshot.BlockCount);
        var data = new byte[BlockStore.BlockSize];
        await snapshot.ReadAsync(index, data, default);

        var digest = snapshot.GetDigest(index);
        Assert.That(((ReadOnlySpan<byte>)digest).SequenceEqual(SHA256.HashData(data)));
    }

    [Test]
    public async Task FindNext_HalfAllocated_ListsAboutHalfAndTheSameAfterRestart()
    {
        await CreateAsync(TiB / 16, new SyntheticVolumeSpec { AllocatedFraction = 0.5 });
        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);
        var before = List("snap-1");

        _store.Dispose();
        _store = new BlockStore(_folder.Path);

        Assert.That(before, Has.Count.InRange(131_072 * 0.49, 131_072 * 0.51));
        Assert.That(List("snap-1"), Is.EqualTo(before));
    }

    [Test]
    public async Task ChangeSyntheticVolumeAsync_OnePercent_DiffHasExactlyTheBlocksWithOtherBytes()
    {
        await CreateAsync(TiB / 64, new SyntheticVolumeSpec { AllocatedFraction = 0.3 });
        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);

        await _store.ChangeSyntheticVolumeAsync(Region, "vol-1", 0.01, default);
        await _store.CreateSnapshotAsync(Region, "snap-2", "vol-1", null, default);

        using var first = _store.TryOpenSnapshot(Region, "snap-1")!;
        using var second = _store.TryOpenSnapshot(Region, "snap-2")!;
        var changed = new HashSet<int>();
        for (var index = 0; (index = second.FindNextChange(first, index, second.BlockCount)) >= 0; index++)
        {
            changed.Add(index);
        }

        Assert.That(changed, Has.Count.InRange(32_768 * 0.008, 32_768 * 0.012));
        foreach (var index in Enumerable.Range(0, second.BlockCount).Where(index => !changed.Contains(index)))
        {
            Assert.That(second.GetVersion(index), Is.EqualTo(first.GetVersion(index)));
        }
    }

    [Test]
    public async Task ReadVolumeAsync_AcrossBlocks_AgreesWithTheSnapshot()
    {
        await CreateAsync(TiB, new SyntheticVolumeSpec { AllocatedFraction = 0.9 });
        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);
        var data = new byte[3 * BlockStore.BlockSize];

        await _store.ReadVolumeAsync(Region, "vol-1", 5L * BlockStore.BlockSize, data, default);

        using var snapshot = _store.TryOpenSnapshot(Region, "snap-1")!;
        var expected = new byte[data.Length];
        for (var index = 5; (index = snapshot.FindNext(index, 8)) >= 0; index++)
        {
            await snapshot.ReadAsync(index, expected.AsMemory((index - 5) * BlockStore.BlockSize, BlockStore.BlockSize), default);
        }

        Assert.That(data.AsSpan().SequenceEqual(expected));
    }

    private Task CreateAsync(long sizeBytes, SyntheticVolumeSpec spec) =>
        _store.CreateVolumeAsync(Region, "vol-1", sizeBytes, VolumeContent.Synthetic(spec), default);

    private List<int> List(string snapshotId)
    {
        using var snapshot = _store.TryOpenSnapshot(Region, snapshotId)!;
        var indexes = new List<int>();
        for (var index = 0; (index = snapshot.FindNext(index, snapshot.BlockCount)) >= 0; index++)
        {
            indexes.Add(index);
        }

        return indexes;
    }
}
