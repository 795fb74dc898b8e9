using System.Security.Cryptography;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Tests.Storage;

internal sealed class BlockStoreTests
{
    private const string Region = "eu-west-1";
    private const int Block = BlockStore.BlockSize;

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
    public async Task CreateSnapshotAsync_DataZerosAndHoles_ListsDataAndZerosOnly()
    {
        await CreateVolumeAsync("vol-1", 8);
        await WriteAsync("vol-1", 1, 7);
        await WriteAsync("vol-1", 3, 0);
        await _store.WriteVolumeAsync(Region, "vol-1", 6 * Block + 100_000, new byte[] { 9 }, default);

        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);

        using var snapshot = _store.TryOpenSnapshot(Region, "snap-1")!;
        Assert.That(List(snapshot), Is.EqualTo("1 3 6"));
        Assert.That(await ReadAsync(snapshot, 1), Is.All.EqualTo(7));
        Assert.That(await ReadAsync(snapshot, 3), Is.All.Zero);
        Assert.That((await ReadAsync(snapshot, 6))[100_000], Is.EqualTo(9));
        Assert.That(_store.StoredBlockCount, Is.EqualTo(2));
    }

    [Test]
    public async Task GetDigest_AnyBlock_IsSha256OfItsBytes()
    {
        await CreateVolumeAsync("vol-1", 2);
        await WriteAsync("vol-1", 0, 5);
        await WriteAsync("vol-1", 1, 0);
        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);

        using var snapshot = _store.TryOpenSnapshot(Region, "snap-1")!;

        foreach (var index in Indexes(snapshot))
        {
            Assert.That(DigestOf(snapshot, index), Is.EqualTo(SHA256.HashData(await ReadAsync(snapshot, index))));
        }
    }

    [Test]
    public async Task CreateSnapshotAsync_UnchangedBlocks_ShareStorage()
    {
        await CreateVolumeAsync("vol-1", 16);
        for (var index = 0; index < 16; index++)
        {
            await WriteAsync("vol-1", index, (byte)(index + 1));
        }

        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);
        await WriteAsync("vol-1", 4, 99);
        await _store.CreateSnapshotAsync(Region, "snap-2", "vol-1", null, default);

        using var first = _store.TryOpenSnapshot(Region, "snap-1")!;
        using var second = _store.TryOpenSnapshot(Region, "snap-2")!;
        Assert.That(_store.StoredBlockCount, Is.EqualTo(17));
        Assert.That(Diff(first, second), Is.EqualTo("4"));
    }

    [Test]
    public async Task CreateSnapshotAsync_HolePunchedAndVolumeGrown_ChangesAreFound()
    {
        await CreateVolumeAsync("vol-1", 4);
        await WriteAsync("vol-1", 0, 1);
        await WriteAsync("vol-1", 2, 2);
        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);
        await _store.PunchVolumeAsync(Region, "vol-1", 2L * Block, Block, default);
        await _store.ResizeVolumeAsync(Region, "vol-1", 8L * Block, default);
        await WriteAsync("vol-1", 7, 3);

        await _store.CreateSnapshotAsync(Region, "snap-2", "vol-1", null, default);

        using var first = _store.TryOpenSnapshot(Region, "snap-1")!;
        using var second = _store.TryOpenSnapshot(Region, "snap-2")!;
        Assert.That(Diff(first, second), Is.EqualTo("2 7"));
        Assert.That(second.GetVersion(2), Is.EqualTo(SnapshotContent.Hole));
        Assert.That(first.GetVersion(7), Is.EqualTo(SnapshotContent.Hole));
    }

    [Test]
    public async Task DeleteSnapshotAsync_SharedBlocks_StayForTheOthersAndTheRestIsReclaimed()
    {
        await CreateVolumeAsync("vol-1", 4);
        await WriteAsync("vol-1", 0, 1);
        await WriteAsync("vol-1", 1, 2);
        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);
        await WriteAsync("vol-1", 1, 3);
        await _store.CreateSnapshotAsync(Region, "snap-2", "vol-1", null, default);

        await _store.DeleteSnapshotAsync(Region, "snap-1", default);

        using var second = _store.TryOpenSnapshot(Region, "snap-2")!;
        Assert.That(_store.TryOpenSnapshot(Region, "snap-1"), Is.Null);
        Assert.That(_store.StoredBlockCount, Is.EqualTo(2));
        Assert.That(await ReadAsync(second, 0), Is.All.EqualTo(1));
        Assert.That(await ReadAsync(second, 1), Is.All.EqualTo(3));
    }

    [Test]
    public async Task DeleteSnapshotAsync_WhileLeased_KeepsBytesUntilTheLastReaderIsDone()
    {
        await CreateVolumeAsync("vol-1", 1);
        await WriteAsync("vol-1", 0, 1);
        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);
        var reader = _store.TryOpenSnapshot(Region, "snap-1")!;

        await _store.DeleteSnapshotAsync(Region, "snap-1", default);

        Assert.That(await ReadAsync(reader, 0), Is.All.EqualTo(1));
        reader.Dispose();
        Assert.That(_store.StoredBlockCount, Is.Zero);
    }

    [Test]
    public async Task CreateVolumeAsync_FromSnapshot_RestoresBytesAndHoles()
    {
        await CreateVolumeAsync("vol-1", 8);
        await WriteAsync("vol-1", 2, 6);
        await WriteAsync("vol-1", 5, 0);
        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);

        await _store.CreateVolumeAsync(Region, "vol-2", 16L * Block, VolumeContent.FromSnapshot("snap-1"), default);
        await _store.CreateSnapshotAsync(Region, "snap-2", "vol-2", null, default);

        using var copy = _store.TryOpenSnapshot(Region, "snap-2")!;
        Assert.That(List(copy), Is.EqualTo("2 5"));
        Assert.That(await ReadAsync(copy, 2), Is.All.EqualTo(6));
        Assert.That(_store.StoredBlockCount, Is.EqualTo(1), "the first snapshot of a restored volume shares the blocks it came from");
    }

    [Test]
    public async Task CreateVolumeAsync_FromFile_KeepsItsBytes()
    {
        var image = Path.Combine(_folder.Path, "image.raw");
        await File.WriteAllBytesAsync(image, [.. Enumerable.Repeat((byte)4, Block + 10)]);

        await _store.CreateVolumeAsync(Region, "vol-1", 4L * Block, VolumeContent.FromFile(image), default);

        var data = await File.ReadAllBytesAsync(_store.GetVolumePath(Region, "vol-1"));
        Assert.That(data, Has.Length.EqualTo(4 * Block));
        Assert.That(data.AsSpan(0, Block + 10).IndexOfAnyExcept((byte)4), Is.EqualTo(-1));
        Assert.That(data.AsSpan(Block + 10).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [Test]
    public async Task Constructor_AfterRestart_FindsCompleteAndPendingSnapshots()
    {
        await CreateVolumeAsync("vol-1", 4);
        await WriteAsync("vol-1", 3, 8);
        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);
        await _store.StartSnapshotAsync(Region, "snap-2", 4L * Block, "snap-1", default);
        await PutAsync("snap-2", 0, 5);

        Restart();
        await PutAsync("snap-2", 1, 6);
        await _store.CompleteSnapshotAsync(Region, "snap-2", default);
        Restart();

        using var first = _store.TryOpenSnapshot(Region, "snap-1")!;
        using var second = _store.TryOpenSnapshot(Region, "snap-2")!;
        Assert.That(await ReadAsync(first, 3), Is.All.EqualTo(8));
        Assert.That(List(second), Is.EqualTo("0 1 3"));
        Assert.That(await ReadAsync(second, 1), Is.All.EqualTo(6));
        Assert.That(_store.StoredBlockCount, Is.EqualTo(3));
    }

    [Test]
    public async Task CopySnapshotAsync_ToAnotherRegion_SurvivesTheSource()
    {
        await CreateVolumeAsync("vol-1", 1);
        await WriteAsync("vol-1", 0, 2);
        await _store.CreateSnapshotAsync(Region, "snap-1", "vol-1", null, default);

        await _store.CopySnapshotAsync(Region, "snap-1", "us-east-1", "snap-2", default);
        await _store.DeleteSnapshotAsync(Region, "snap-1", default);

        using var copy = _store.TryOpenSnapshot("us-east-1", "snap-2")!;
        Assert.That(await ReadAsync(copy, 0), Is.All.EqualTo(2));
    }

    [Test]
    public async Task CreateSnapshotsAsync_OneVolumeUnknown_LeavesNone()
    {
        await CreateVolumeAsync("vol-1", 1);
        await WriteAsync("vol-1", 0, 2);

        Assert.ThrowsAsync<FileNotFoundException>(() =>
            _store.CreateSnapshotsAsync(Region, [("snap-1", "vol-1"), ("snap-2", "vol-2")], default));

        Assert.That(_store.TryOpenSnapshot(Region, "snap-1"), Is.Null);
        Assert.That(_store.StoredBlockCount, Is.Zero);
    }

    [Test]
    public void CreateVolumeAsync_PathInRegion_IsRefused() =>
        Assert.ThrowsAsync<ArgumentException>(() => _store.CreateVolumeAsync("../x", "vol-1", Block, VolumeContent.Empty, default));

    private Task CreateVolumeAsync(string volumeId, int blocks) =>
        _store.CreateVolumeAsync(Region, volumeId, (long)blocks * Block, VolumeContent.Empty, default);

    private Task WriteAsync(string volumeId, int index, byte value) =>
        _store.WriteVolumeAsync(Region, volumeId, (long)index * Block, Filled(value), default);

    private Task PutAsync(string snapshotId, int index, byte value)
    {
        var data = Filled(value);
        return _store.TryGetPendingSnapshot(Region, snapshotId)!.PutAsync(index, data, BlockDigest.From(SHA256.HashData(data)), default);
    }

    private void Restart()
    {
        _store.Dispose();
        _store = new BlockStore(_folder.Path);
    }

    private static byte[] Filled(byte value)
    {
        var data = new byte[Block];
        Array.Fill(data, value);
        return data;
    }

    private static async Task<byte[]> ReadAsync(SnapshotContent snapshot, int index)
    {
        var data = new byte[Block];
        await snapshot.ReadAsync(index, data, default);
        return data;
    }

    private static byte[] DigestOf(SnapshotContent snapshot, int index)
    {
        var digest = snapshot.GetDigest(index);
        return ((ReadOnlySpan<byte>)digest).ToArray();
    }

    private static string List(SnapshotContent snapshot) => string.Join(' ', Indexes(snapshot));

    private static List<int> Indexes(SnapshotContent snapshot)
    {
        var indexes = new List<int>();
        for (var index = 0; (index = snapshot.FindNext(index, snapshot.BlockCount)) >= 0; index++)
        {
            indexes.Add(index);
        }

        return indexes;
    }

    private static string Diff(SnapshotContent first, SnapshotContent second)
    {
        var indexes = new List<int>();
        for (var index = 0; (index = second.FindNextChange(first, index, second.BlockCount)) >= 0; index++)
        {
            indexes.Add(index);
        }

        return string.Join(' ', indexes);
    }
}
