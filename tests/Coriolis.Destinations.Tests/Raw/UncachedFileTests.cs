using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Coriolis.Destinations.Tests;

public sealed class UncachedFileTests
{
    private const int Page = 4096;

    private readonly byte[] _memory = GC.AllocateArray<byte>(4 * Page, pinned: true);
    private TemporaryFolder _folder = null!;
    private SafeFileHandle _file = null!;
    private UncachedFile _uncached = null!;
    private int _aligned;

    [SetUp]
    public void Open()
    {
        _folder = new TemporaryFolder();
        _file = File.OpenHandle(Path.Combine(_folder.Path, "disk"), FileMode.CreateNew, FileAccess.ReadWrite);
        RandomAccess.SetLength(_file, 4 * Page);
        if (UncachedFile.TryOpen(_file) is not { } uncached)
        {
            Assert.Ignore("The file system of the temporary folder has no uncached writes.");
            return;
        }

        _uncached = uncached;
        _aligned = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0) & (Page - 1));
        RandomNumberGenerator.Fill(_memory);
    }

    [TearDown]
    public void Close()
    {
        _uncached?.Dispose();
        _file.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void TryWrite_AlignedPiece_IsInTheFile()
    {
        var data = _memory.AsSpan(_aligned, 2 * Page);

        Assert.That(_uncached.TryWrite(data, Page), Is.True);

        Assert.That(Read(Page, 2 * Page), Is.EqualTo(data.ToArray()));
    }

    [TestCase(8, 0, Page, TestName = "TryWrite_UnalignedMemory_WritesNothing")]
    [TestCase(0, 512, Page, TestName = "TryWrite_UnalignedOffset_WritesNothing")]
    [TestCase(0, 0, Page - 512, TestName = "TryWrite_UnalignedLength_WritesNothing")]
    public void TryWrite_Unaligned_WritesNothing(int memory, long offset, int length)
    {
        Assert.That(_uncached.TryWrite(_memory.AsSpan(_aligned + memory, length), offset), Is.False);

        Assert.That(Read(0, 4 * Page), Is.All.Zero);
    }

    [Test]
    public void TryWrite_BesideCachedWrites_BothAreInTheFile()
    {
        var cached = new byte[3 * Page];
        Array.Fill(cached, (byte)7);
        RandomAccess.Write(_file, cached, 100);
        var data = _memory.AsSpan(_aligned, Page);

        _uncached.TryWrite(data, Page);

        Assert.That(Read(100, Page - 100), Is.All.EqualTo(7));
        Assert.That(Read(Page, Page), Is.EqualTo(data.ToArray()));
        Assert.That(Read(2 * Page, Page), Is.All.EqualTo(7));
    }

    private byte[] Read(long offset, int length)
    {
        var bytes = new byte[length];
        Assert.That(RandomAccess.Read(_file, bytes, offset), Is.EqualTo(length));
        return bytes;
    }
}
