namespace Coriolis.Aws.Emulator.Storage;

internal sealed partial class BlockStore
{
    /// <summary>The volumes of a region that have anything on disk, also those whose creation was cut short.</summary>
    public IReadOnlyCollection<string> FindVolumes(string region) => _volumes.Find(region);

    /// <summary>The size of a volume; null when it has no bytes.</summary>
    public long? FindVolumeSize(string region, string volumeId) => _volumes.TryRead(region, volumeId)?.SizeBytes;

    /// <summary>The snapshots of a region, with whether they are complete rather than being written.</summary>
    public IReadOnlyDictionary<string, bool> FindSnapshots(string region) => _snapshots.Find(region);
}
