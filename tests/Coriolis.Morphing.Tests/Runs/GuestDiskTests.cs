using Coriolis.Morphing.Runs;
using Coriolis.Morphing.Tests.Support;
using Coriolis.Providers.Aws;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Morphing.Tests.Runs;

/// <summary>Tests on copies of a whole disk with a guest, with every morpher that AddCoriolisAws registers.</summary>
public abstract class GuestDiskTests
{
    private TemporaryDirectory _directory = null!;
    private ServiceProvider _services = null!;
    private string _pristine = null!;

    private protected GuestMorphing Morphing => _services.GetRequiredService<GuestMorphing>();

    /// <summary>The test's own copy of the disk.</summary>
    private protected string Disk { get; private set; } = null!;

    /// <summary>Reports that runs have left beside the disk.</summary>
    private protected IEnumerable<string> Reports => Directory.GetFiles(_directory.Path, "*.morph.json*");

    private protected virtual string FileSystem => "ext4";

    /// <summary>What the guest's files begin as.</summary>
    private protected virtual string BaseGuest => DebianGuest.Plain.Root;

    /// <summary>Makes the guest's files.</summary>
    private protected abstract void PrepareGuest(string directory);

    [Test]
    public async Task UndoAsync_AfterMorph_RestoresEveryEntryWithItsTimesAndASecondMorphChangesNothing()
    {
        var before = DiskFile.Snapshot(Disk);
        var result = await MorphAsync();
        var morphed = DiskFile.Snapshot(Disk);
        var second = await MorphAsync();

        Assert.That(morphed, Is.Not.EqualTo(before));
        Assert.That(second.Files, Is.Empty);
        Assert.That(DiskFile.Snapshot(Disk), Is.EqualTo(morphed));
        await Morphing.UndoAsync(result.ReportPath!);

        Assert.That(DiskFile.Snapshot(Disk), Is.EqualTo(before));
    }

    private protected Task<GuestMorphResult> MorphAsync() => Morphing.MorphAsync(new() { Disks = [Disk] });

    [OneTimeSetUp]
    public void MakeDisk()
    {
        _directory = new();
        _services = new ServiceCollection().AddCoriolisAws().AddCoriolisMorphing().BuildServiceProvider();
        _pristine = _directory.Below("pristine.raw");
        using var guest = new ScratchGuest(BaseGuest);
        PrepareGuest(guest.Root);
        DiskFile.Create(_pristine, guest.Root, FileSystem);
    }

    [OneTimeTearDown]
    public async Task RemoveDisk()
    {
        await _services.DisposeAsync();
        _directory.Dispose();
    }

    [SetUp]
    public void CopyDisk()
    {
        Disk = _directory.Below($"{TestContext.CurrentContext.Test.ID}.raw");
        DiskFile.Copy(_pristine, Disk);
    }

    [TearDown]
    public void DeleteDisk()
    {
        foreach (var file in Directory.GetFiles(_directory.Path, Path.GetFileName(Disk) + "*"))
            File.Delete(file);
    }
}
