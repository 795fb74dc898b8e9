namespace Coriolis.Worker;

/// <summary>The disks that the replicator's interface offers, and their hashing.</summary>
internal sealed class DiskRegister(Agent agent, ReplicatorOptions options, IReadOnlyDictionary<string, ChunkTable> earlier, CancellationToken agentToken)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HashedDisk> _disks = [];
    private Task _hashing = Task.CompletedTask;

    /// <summary>Ends when all disks that were found so far are hashed, one after the other.</summary>
    public Task Hashing
    {
        get
        {
            lock (_lock)
            {
                return _hashing;
            }
        }
    }

    /// <summary>Takes up new disks and drops those that are gone or were replaced.</summary>
    public void Refresh()
    {
        var found = agent.Catalog.List();
        lock (_lock)
        {
            foreach (var (name, hashed) in _disks)
            {
                if (!found.Any(disk => IsSame(disk, hashed.Disk)))
                {
                    _disks.Remove(name);
                }
            }

            foreach (var disk in found.Where(disk => !_disks.ContainsKey(disk.Name)))
            {
                var hashed = new HashedDisk(disk, earlier.GetValueOrDefault(disk.Name), agent, options);
                _disks[disk.Name] = hashed;
                if (!options.DisableChunking)
                {
                    _hashing = HashAfterAsync(_hashing, hashed);
                }
            }
        }
    }

    /// <summary>All disks in the order of their names.</summary>
    public IReadOnlyList<HashedDisk> List()
    {
        if (options.WatchDevices)
        {
            Refresh();
        }

        lock (_lock)
        {
            return [.. _disks.Values.OrderBy(hashed => hashed.Disk.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>A disk by its name, or by a path under /dev that leads to it.</summary>
    public HashedDisk Find(string name)
    {
        var disks = List();
        var link = name.StartsWith(LinkTable.UrlPrefix, StringComparison.Ordinal) ? name[LinkTable.UrlPrefix.Length..] : name;
        return disks.FirstOrDefault(hashed => hashed.Disk.Name == name)
            ?? disks.FirstOrDefault(hashed => hashed.Disk.Device.Links.Contains(link))
            ?? throw new HttpFaultException(404, $"There is no device {name}.");
    }

    private static bool IsSame(Disk found, Disk known) =>
        found.Name == known.Name && found.Number == known.Number && found.SizeBytes == known.SizeBytes;

    private async Task HashAfterAsync(Task earlierDisks, HashedDisk hashed)
    {
        await earlierDisks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        await hashed.HashAsync(agentToken).ConfigureAwait(false);
    }
}
