using System.Collections.Concurrent;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>
/// The disks that one session has seen, so that a read of one chunk neither searches the machine nor opens a disk that another read has open.
/// Both are checked to be the same still.
/// </summary>
internal sealed class DiskCache(DiskCatalog catalog)
{
    private readonly ConcurrentDictionary<string, Disk> _disks = new();
    private readonly ConcurrentDictionary<string, CompressionTrial> _trials = new();
    private readonly ConcurrentDictionary<string, DiskFile> _lastOpened = new();

    public IReadOnlyList<Disk> List()
    {
        var disks = catalog.List();
        _disks.Clear();
        foreach (var disk in disks)
        {
            _disks[disk.Name] = disk;
        }

        return disks;
    }

    /// <summary>What is known of how a disk compresses. Of disks that could be opened only, so that there are no more than the machine has.</summary>
    public CompressionTrial TrialOf(string name) => _trials.GetOrAdd(name, static _ => new CompressionTrial());

    /// <exception cref="DiskOpenException">There is no such disk, or not of that size.</exception>
    public DiskFile Open(string name, long expectedSize)
    {
        if (!_disks.TryGetValue(name, out var disk))
        {
            disk = List().FirstOrDefault(candidate => candidate.Name == name)
                ?? throw new DiskOpenException(WorkerFailure.UnknownDevice, $"The worker has no disk {name}.");
        }

        if (disk.SizeBytes != expectedSize)
        {
            _disks.TryRemove(name, out _);
            throw new DiskOpenException(WorkerFailure.DeviceChanged, $"{name} has {disk.SizeBytes} bytes, not {expectedSize}.");
        }

        try
        {
            if (_lastOpened.TryGetValue(name, out var open) && open.TryShare(disk))
            {
                return open;
            }

            return _lastOpened[name] = DiskFile.Open(disk);
        }
        catch (DiskOpenException)
        {
            _disks.TryRemove(name, out _);
            throw;
        }
    }
}
