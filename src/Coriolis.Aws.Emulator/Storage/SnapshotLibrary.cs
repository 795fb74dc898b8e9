using System.Collections.Concurrent;

namespace Coriolis.Aws.Emulator.Storage;

/// <summary>The snapshots of all regions: complete ones by their index files, pending ones by their journals.</summary>
internal sealed class SnapshotLibrary : IDisposable
{
    private const string IndexSuffix = ".index";
    private const string PendingSuffix = ".pending";

    private readonly string _dataDirectory;
    private readonly BlockPool _pool;
    private readonly ConcurrentDictionary<(string Region, string Id), SnapshotContent> _complete = new();
    private readonly ConcurrentDictionary<(string Region, string Id), PendingSnapshot> _pending = new();
    private long _sequence;

    public SnapshotLibrary(string dataDirectory, BlockPool pool)
    {
        _dataDirectory = dataDirectory;
        _pool = pool;
        foreach (var region in Directory.EnumerateDirectories(dataDirectory))
        {
            var folder = Path.Combine(region, "snapshots");
            if (Directory.Exists(folder))
            {
                Load(Path.GetFileName(region), folder);
            }
        }

        pool.CompleteLoad();
    }

    public SnapshotIdentity CreateIdentity(string snapshotId, string lineage, long volumeSizeBytes) =>
        new(snapshotId, lineage, Interlocked.Increment(ref _sequence), volumeSizeBytes);

    /// <summary>Returns the snapshot with a lease on it, or null. Dispose it to give the lease back.</summary>
    public SnapshotContent? TryOpen(string region, string snapshotId) =>
        _complete.TryGetValue((region, snapshotId), out var snapshot) && snapshot.TryLease() ? snapshot : null;

    /// <summary>The snapshots of a region, with whether they are complete.</summary>
    public IReadOnlyDictionary<string, bool> Find(string region) => _complete.Keys.Select(static key => (key, Complete: true))
        .Concat(_pending.Keys.Select(static key => (key, Complete: false)))
        .Where(entry => entry.key.Region == region)
        .ToDictionary(static entry => entry.key.Id, static entry => entry.Complete, StringComparer.Ordinal);

    /// <summary>Returns the newest snapshot of the lineage with a lease on it, or null.</summary>
    public SnapshotContent? TryOpenLatest(string region, string lineage) =>
        _complete.Where(entry => entry.Key.Region == region && entry.Value.Identity.Lineage == lineage)
            .Select(entry => entry.Value)
            .OrderByDescending(snapshot => snapshot.Identity.Sequence)
            .FirstOrDefault(snapshot => snapshot.TryLease());

    public PendingSnapshot? TryGetPending(string region, string snapshotId) => _pending.GetValueOrDefault((region, snapshotId));

    /// <summary>Writes the index and takes over the slots of the blocks.</summary>
    public void Add(string region, SnapshotIdentity identity, SnapshotBlock[] blocks)
    {
        SnapshotFile.Write(GetPath(region, identity.SnapshotId, IndexSuffix), new SnapshotHeader(identity, null), blocks, inherited: false);
        _complete[(region, identity.SnapshotId)] = new StoredSnapshot(identity, blocks, _pool);
    }

    public void Add(string region, SnapshotIdentity identity, SyntheticLayout layout)
    {
        SnapshotFile.Write(GetPath(region, identity.SnapshotId, IndexSuffix), new SnapshotHeader(identity, layout), [], inherited: false);
        _complete[(region, identity.SnapshotId)] = new SyntheticSnapshot(identity, layout);
    }

    public void Start(string region, SnapshotIdentity identity, StoredSnapshot? parent)
    {
        var path = GetPath(region, identity.SnapshotId, PendingSuffix);
        _pending[(region, identity.SnapshotId)] = PendingSnapshot.Start(path, identity, parent, _pool);
    }

    public void Complete(string region, string snapshotId)
    {
        if (_pending.TryRemove((region, snapshotId), out var pending))
        {
            using (pending)
            {
                Add(region, pending.Identity, pending.Merge());
                File.Delete(pending.Path);
            }
        }
    }

    public void Delete(string region, string snapshotId)
    {
        if (_complete.TryRemove((region, snapshotId), out var snapshot))
        {
            File.Delete(GetPath(region, snapshotId, IndexSuffix));
            snapshot.Dispose();
        }

        if (_pending.TryRemove((region, snapshotId), out var pending))
        {
            using (pending)
            {
                File.Delete(pending.Path);
                pending.ReleaseBlocks();
            }
        }
    }

    public void Dispose()
    {
        foreach (var pending in _pending.Values)
        {
            pending.Dispose();
        }
    }

    private void Load(string region, string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*" + IndexSuffix))
        {
            var (header, records) = SnapshotFile.Read(path);
            SnapshotBlock[] blocks = [.. records.Select(record => record.Block)];
            _pool.Load(blocks);
            _complete[(region, header.Identity.SnapshotId)] = header.Synthetic is { } layout
                ? new SyntheticSnapshot(header.Identity, layout)
                : new StoredSnapshot(header.Identity, blocks, _pool);
            _sequence = Math.Max(_sequence, header.Identity.Sequence);
        }

        foreach (var path in Directory.EnumerateFiles(folder, "*" + PendingSuffix))
        {
            var pending = PendingSnapshot.Load(path, _pool);

            // Completed just before a crash: the index is the truth.
            if (_complete.ContainsKey((region, pending.Identity.SnapshotId)))
            {
                pending.ReleaseBlocks();
                pending.Dispose();
                File.Delete(path);
                continue;
            }

            _pending[(region, pending.Identity.SnapshotId)] = pending;
            _sequence = Math.Max(_sequence, pending.Identity.Sequence);
        }
    }

    private string GetPath(string region, string snapshotId, string suffix) =>
        Path.Combine(_dataDirectory, VolumeFolder.CheckName(region), "snapshots", VolumeFolder.CheckName(snapshotId) + suffix);
}
