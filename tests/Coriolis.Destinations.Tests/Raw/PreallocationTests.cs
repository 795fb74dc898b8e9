using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Coriolis.Destinations.Conformance;
using Coriolis.Providers;
using Microsoft.Extensions.Options;

namespace Coriolis.Destinations.Tests;

public sealed class PreallocationTests
{
    private const int Piece = Preallocation.PieceSize;
    private const long Window = Preallocation.WindowSize;
    private const long Size = (12 * Window) + (3 * 4096);

    // What the file system needs to find the pieces of a file.
    private const long Index = 256 * 1024;

    private static readonly byte[] s_data = RandomNumberGenerator.GetBytes(Piece);

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Prepare()
    {
        _folder = new TemporaryFolder();
        using var probe = File.OpenHandle(Path.Combine(_folder.Path, "probe"), FileMode.CreateNew, FileAccess.ReadWrite, options: FileOptions.DeleteOnClose);
        using var uncached = UncachedFile.TryOpen(probe);
        if (uncached is null || !NativeFile.TryAllocate(probe, 0, 4096) || new DriveInfo(_folder.Path).AvailableFreeSpace < 2 * Preallocation.SpareBytes)
        {
            Assert.Ignore("The file system of the temporary folder has no uncached writes, allocates nothing ahead or has less than 8 GiB left.");
        }
    }

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public async Task WriteAsync_NewFile_AllocatesAheadAndCommitGivesBackWhatIsNotWritten()
    {
        await using var disk = await OpenAsync();

        await disk.WriteAsync(Window + Piece, s_data);
        Assert.That(AllocatedBytes(), Is.InRange(Window, Window + Index));

        await CommitAsync(disk);
        Assert.That(AllocatedBytes(), Is.InRange(Piece, Piece + Index));
        Assert.That(Read(Window + Piece), Is.EqualTo(s_data));
    }

    [Test]
    public async Task WriteAsync_EveryOtherPiece_KeepsWhatIsWrittenAndNothingElse()
    {
        await using var disk = await OpenAsync();
        for (var offset = 0L; offset < 2 * Window; offset += 2 * Piece)
        {
            await disk.WriteAsync(offset, s_data);
        }

        await CommitAsync(disk);

        Assert.That(AllocatedBytes(), Is.InRange(Window, Window + Index));
        for (var offset = 0L; offset < 2 * Window; offset += 2 * Piece)
        {
            Assert.That(Read(offset).AsSpan().SequenceEqual(s_data), Is.True, $"{offset}");
            Assert.That(Read(offset + Piece), Is.All.Zero, $"{offset + Piece}");
        }
    }

    [Test]
    public async Task WriteAsync_OnePieceInEachWindow_NeverAllocatesMoreThanAFewWindows()
    {
        await using var disk = await OpenAsync();

        for (var offset = 0L; offset + Piece < Size; offset += Window)
        {
            await disk.WriteAsync(offset, s_data);

            Assert.That(AllocatedBytes(), Is.LessThan((Preallocation.MaxOpenWindows * Window) + (offset / Window * Piece) + Index), $"{offset}");
        }

        await CommitAsync(disk);
        Assert.That(AllocatedBytes(), Is.LessThan((12 * Piece) + Index));
        Assert.That(Read(11 * Window), Is.EqualTo(s_data));
    }

    [Test]
    public async Task WriteAsync_WindowThatWasGivenBack_KeepsBothWrites()
    {
        await using var disk = await OpenAsync();
        for (var window = 0; window <= Preallocation.MaxOpenWindows; window++)
        {
            await disk.WriteAsync(window * Window, s_data);
        }

        await disk.WriteAsync(Piece, s_data);
        await CommitAsync(disk);

        Assert.That(Read(0), Is.EqualTo(s_data));
        Assert.That(Read(Piece), Is.EqualTo(s_data));
        Assert.That(Read(2 * Piece), Is.All.Zero);
    }

    [Test]
    public async Task WriteAsync_OverTheEdgesOfPiecesAndWindows_KeepsAllOfIt()
    {
        await using var disk = await OpenAsync();
        var data = RandomNumberGenerator.GetBytes(3 * Piece);

        await disk.WriteAsync(Window - Piece - 4096, data);
        await disk.WriteAsync(Size - 4096, s_data.AsMemory(0, 4096));
        await CommitAsync(disk);

        Assert.That(Read(Window - Piece - 4096, data.Length).AsSpan().SequenceEqual(data), Is.True);
        Assert.That(Read(Size - 4096, 4096), Is.EqualTo(s_data[..4096]));
    }

    [Test]
    public async Task WriteAsync_SmallerThanAPiece_AllocatesNothingAhead()
    {
        await using var disk = await OpenAsync();

        await disk.WriteAsync(0, s_data.AsMemory(0, 4096));

        Assert.That(AllocatedBytes(), Is.LessThan(Index));
    }

    [TestCase(Preallocation.SpareBytes, Window)]
    [TestCase(Preallocation.SpareBytes - 1, 0)]
    public void Prepare_LittleSpaceLeft_LeavesItToTheWrites(long freeBytes, long allocated)
    {
        using var file = File.OpenHandle(Path.Combine(_folder.Path, "disk.raw"), FileMode.CreateNew, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, Size);

        new Preallocation(file, Size, () => freeBytes).Prepare(0, Piece);

        Assert.That(AllocatedBytes(), Is.InRange(allocated, allocated + Index));
    }

    [Test]
    public async Task WriteZeroesAsync_PieceThatIsAllocatedAhead_CanBeWrittenAfterwards()
    {
        await using var disk = await OpenAsync();
        await disk.WriteAsync(0, s_data);

        await disk.WriteZeroesAsync(0, 3 * Piece);
        await disk.WriteAsync(2 * Piece, s_data);
        await CommitAsync(disk);

        Assert.That(Read(0, 2 * Piece), Is.All.Zero);
        Assert.That(Read(2 * Piece), Is.EqualTo(s_data));
    }

    [Test]
    public async Task DisposeAsync_WithoutCommit_GivesBackWhatIsNotWritten()
    {
        await using (var disk = await OpenAsync())
        {
            await disk.WriteAsync(0, s_data);
        }

        Assert.That(AllocatedBytes(), Is.InRange(Piece, Piece + Index));
        Assert.That(Read(0), Is.EqualTo(s_data));
    }

    [Test]
    public async Task WriteAsync_FileOfAnEarlierExecution_AllocatesNothingAndKeepsItsContent()
    {
        await using (var disk = await OpenAsync())
        {
            await disk.WriteAsync(0, s_data);
            await CommitAsync(disk);
        }

        await using (var disk = await OpenAsync())
        {
            await disk.WriteAsync(2 * Piece, s_data);
            Assert.That(AllocatedBytes(), Is.LessThan((2 * Piece) + Index));
            await CommitAsync(disk);
        }

        Assert.That(Read(0), Is.EqualTo(s_data));
        Assert.That(Read(2 * Piece), Is.EqualTo(s_data));
    }

    private static DiskDescriptor Disk => new() { ReplicaId = "replica-1", InstanceId = "i-1", DiskId = "vol-1", SizeBytes = Size };

    private string DiskPath => Directory.EnumerateFiles(_folder.Path, "*.raw", SearchOption.AllDirectories).Single();

    private static async Task CommitAsync(IDiskWriter disk)
    {
        await disk.CommitAsync(new StubManifest(Disk, ChunkDigest.Compute(s_data)));
        await disk.DisposeAsync();
    }

    private Task<IDiskWriter> OpenAsync() =>
        new RawDestinationWriter(Options.Create(new RawDestinationOptions { Directory = _folder.Path })).OpenAsync(Disk);

    private long AllocatedBytes()
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%b", DiskPath]) { RedirectStandardOutput = true })!;
        return long.Parse(stat.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture) * 512;
    }

    private byte[] Read(long offset, int length = Piece)
    {
        var bytes = new byte[length];
        using var file = File.OpenHandle(DiskPath);
        Assert.That(RandomAccess.Read(file, bytes, offset), Is.EqualTo(length));
        return bytes;
    }
}
