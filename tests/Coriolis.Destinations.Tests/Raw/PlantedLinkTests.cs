using Coriolis.Destinations.Conformance;
using Coriolis.Providers;
using Microsoft.Extensions.Options;

namespace Coriolis.Destinations.Tests;

/// <summary>Links that somebody planted under the names of a replica lead nowhere.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux", Reason = "Links need no rights there.")]
internal sealed class PlantedLinkTests : IDisposable
{
    private const int Size = 1024 * 1024;

    private static readonly DiskDescriptor s_disk = new() { ReplicaId = "replica-1", InstanceId = "i-1", DiskId = "vol-1", SizeBytes = Size };

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _outside = new();

    public void Dispose()
    {
        _folder.Dispose();
        _outside.Dispose();
    }

    [Test]
    public async Task OpenAsync_LinkInTheFolder_TouchesNothingOutside(
        [Values("vol-1.raw", "vol-1.raw.coriolis", "vol-1.raw.coriolis.tmp", "vol-1.raw.morphed")] string name,
        [Values] bool targetExists,
        [Values] bool replicaExists)
    {
        if (replicaExists)
        {
            await ReplicateAsync();
        }

        var target = Path.Combine(_outside.Path, "target");
        if (targetExists)
        {
            // What would be taken for ours if it were followed: a copy of what is there, as far as something is.
            var original = Path.Combine(_folder.Path, name);
            await File.WriteAllBytesAsync(target, File.Exists(original) ? await File.ReadAllBytesAsync(original) : "somebody's"u8.ToArray());
        }

        var before = targetExists ? await File.ReadAllBytesAsync(target) : [];
        File.Delete(Path.Combine(_folder.Path, name));
        File.CreateSymbolicLink(Path.Combine(_folder.Path, name), target);

        var error = await TryReplicateAsync();

        Assert.That(File.Exists(target), Is.EqualTo(targetExists));
        Assert.That(targetExists ? await File.ReadAllBytesAsync(target) : [], Is.EqualTo(before));
        Assert.That(Directory.EnumerateFileSystemEntries(_outside.Path).Count(), Is.EqualTo(targetExists ? 1 : 0));

        // Only the temporary name is ours to clear.
        if (name.EndsWith(".tmp", StringComparison.Ordinal))
        {
            Assert.That(error, Is.Null);
        }
        else
        {
            Assert.That(error, Is.Not.Null);
            Assert.That(error!.Remedy, Is.Not.Empty);
        }
    }

    private async Task<DestinationException?> TryReplicateAsync()
    {
        try
        {
            await ReplicateAsync();
            return null;
        }
        catch (DestinationException error)
        {
            return error;
        }
    }

    private async Task ReplicateAsync()
    {
        var destination = new RawDestinationWriter(Options.Create(new RawDestinationOptions { Directory = _folder.Path }));
        await using var disk = await destination.OpenAsync(s_disk);
        await disk.WriteAsync(0, Enumerable.Repeat((byte)7, Size).ToArray());
        await disk.CommitAsync(new StubManifest(s_disk, ChunkDigest.Compute(new byte[Size])));
    }
}
