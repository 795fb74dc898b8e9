using Coriolis.Worker.Protocol;

namespace Coriolis.Worker.Tests;

public sealed class SharedDiskFileTests
{
    private static readonly byte[] s_content = [.. Enumerable.Range(0, 1 << 20).Select(i => (byte)(i % 251))];

    private LoopDisk _loop = null!;
    private DiskCatalog _catalog = null!;

    [SetUp]
    public void Attach()
    {
        LoopDisk.AssumePossible();
        _loop = new LoopDisk(s_content);
        _catalog = new DiskCatalog([_loop.DevicePath], ignoreMounted: false);
    }

    [TearDown]
    public void Detach() => _loop?.Dispose();

    [Test]
    public void Open_WhileAnotherReadHasTheDisk_SharesItsHandlesUntilTheLastIsDone()
    {
        var cache = new DiskCache(_catalog);
        var name = cache.List().Single().Name;
        var first = cache.Open(name, s_content.Length);
        var handles = CountHandles();

        var second = cache.Open(name, s_content.Length);
        Assert.That(second, Is.SameAs(first));
        Assert.That(CountHandles(), Is.EqualTo(handles));

        first.Dispose();
        Assert.That(Read(second), Is.EqualTo(s_content));

        second.Dispose();
        Assert.That(CountHandles(), Is.Zero);
    }

    [Test]
    public void Open_AfterTheLastReadIsDone_OpensAnew()
    {
        var cache = new DiskCache(_catalog);
        var name = cache.List().Single().Name;
        cache.Open(name, s_content.Length).Dispose();

        using var file = cache.Open(name, s_content.Length);

        Assert.That(Read(file), Is.EqualTo(s_content));
    }

    [Test]
    public void Open_DiskOfAnotherSizeMeanwhile_ThrowsAndLeavesTheOtherReadItsHandles()
    {
        var cache = new DiskCache(_catalog);
        var name = cache.List().Single().Name;
        using (var first = cache.Open(name, s_content.Length))
        {
            using (var backing = File.OpenWrite(_loop.BackingPath))
            {
                backing.SetLength(2 * s_content.Length);
            }

            LoopDisk.Run("losetup", "--set-capacity", _loop.DevicePath);

            Assert.That(
                () => cache.Open(name, s_content.Length),
                Throws.TypeOf<DiskOpenException>().With.Property(nameof(DiskOpenException.Failure)).EqualTo(WorkerFailure.DeviceChanged));
            Assert.That(Read(first), Is.EqualTo(s_content));
        }

        Assert.That(CountHandles(), Is.Zero);
    }

    [Test]
    public void TryShare_DiskThatIsAnotherDevice_DoesNot()
    {
        using var other = new LoopDisk(s_content);
        using var file = DiskFile.Open(_catalog.List().Single());

        Assert.That(file.TryShare(new DiskCatalog([other.DevicePath], ignoreMounted: false).List().Single()), Is.False);
    }

    [Test]
    public void TryShare_ImageFile_DoesNot()
    {
        using var file = DiskFile.Open(new DiskCatalog([_loop.BackingPath], ignoreMounted: false).List().Single());

        Assert.That(file.TryShare(file.Disk), Is.False);
    }

    private static byte[] Read(DiskFile file)
    {
        // Unaligned memory: read past the page cache where the kernel allows it, otherwise through it.
        var bytes = new byte[s_content.Length];
        Assert.That(file.Read(bytes, 0), Is.EqualTo((s_content.Length, 0)));
        return bytes;
    }

    private int CountHandles() => new DirectoryInfo("/proc/self/fd").GetFileSystemInfos().Count(handle => handle.LinkTarget == _loop.DevicePath);
}
