using Coriolis.Morphing.Disks;
using Coriolis.Morphing.Mounting;
using Coriolis.Morphing.Tests.Support;

namespace Coriolis.Morphing.Tests.Mounting;

/// <summary>Loop devices of the host, among those that others have made of the same disk.</summary>
public sealed class BlockDevicesTests
{
    private const long MiB = 1024 * 1024;

    private ContainerDisk _disks = null!;
    private string _disk = null!;

    [SetUp]
    public void CreateDisk()
    {
        Machine.NeedsRoot();
        _disks = new();
        _disk = _disks.Create("disk.raw", 8);
    }

    [TearDown]
    public void DeleteDisk() => _disks?.Dispose();

    [Test]
    public async Task OpenEncryptedAsync_AnotherHasAttachedTheSamePart_OnlyOursGoesInTheEnd()
    {
        var foreign = _disks.Attach(_disk, MiB, 4 * MiB);

        string[] during;
        await using (var space = await MountNamespace.CreateAsync(TimeProvider.System, CancellationToken.None))
        {
            await OpenAsync(space);
            during = Attached();
        }

        Assert.That(during, Has.Length.EqualTo(2).And.Contains(foreign));
        Assert.That(Attached(), Is.EqualTo(new[] { foreign }));
    }

    [Test]
    public async Task OpenEncryptedAsync_ManyLookForAFreeDeviceAtOnce_EachGetsItsOwnAndNoneStays()
    {
        const int many = 4;
        string[] during;
        var spaces = await Task.WhenAll(Enumerable.Range(0, many).Select(_ => MountNamespace.CreateAsync(TimeProvider.System, CancellationToken.None)));
        try
        {
            await Task.WhenAll(spaces.Select(async space =>
            {
                for (var round = 0; round < many; round++)
                    await OpenAsync(space);
            }));
            during = Attached();
        }
        finally
        {
            foreach (var space in spaces)
                await space.DisposeAsync();
        }

        Assert.That(during, Has.Length.EqualTo(many * many).And.Unique);
        Assert.That(Attached(), Is.Empty);
    }

    // There is no encrypted volume on the disk: what cryptsetup says, where it is installed, does not matter here.
    private async Task OpenAsync(MountNamespace space) => await new BlockDevices(space, readOnly: false).OpenEncryptedAsync(
        new GuestVolume { DiskPath = _disk, Offset = MiB, Length = 4 * MiB, Type = "crypto_LUKS" }, "secret"u8.ToArray(), CancellationToken.None);

    private string[] Attached() =>
        Machine.Run("losetup", "--raw", "--noheadings", "--output", "NAME", "--associated", _disk).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
