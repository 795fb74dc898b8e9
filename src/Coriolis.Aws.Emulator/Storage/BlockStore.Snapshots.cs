namespace Coriolis.Aws.Emulator.Storage;

internal sealed partial class BlockStore
{
    /// <summary>
    /// Captures the volume's content at the call, sharing blocks that equal the parent's, or the latest snapshot's of the volume when
    /// no parent is given. The lineage is the volume.
    /// </summary>
    public async Task CreateSnapshotAsync(
        string region, string snapshotId, string volumeId, string? parentSnapshotId, CancellationToken cancellationToken)
    {
        using var held = await _volumes.LockAsync(region, volumeId, cancellationToken).ConfigureAwait(false);
        await CaptureAsync(region, snapshotId, volumeId, parentSnapshotId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Captures several volumes at one point in time: all are held before the first byte is read. Either every snapshot exists afterwards or none.
    /// </summary>
    public async Task CreateSnapshotsAsync(
        string region, IReadOnlyList<(string SnapshotId, string VolumeId)> snapshots, CancellationToken cancellationToken)
    {
        var held = new List<IDisposable>();
        try
        {
            // One order for all callers, so that two sets cannot wait for each other.
            foreach (var (_, volumeId) in snapshots.OrderBy(snapshot => snapshot.VolumeId, StringComparer.Ordinal))
            {
                held.Add(await _volumes.LockAsync(region, volumeId, cancellationToken).ConfigureAwait(false));
            }

            foreach (var (snapshotId, volumeId) in snapshots)
            {
                await CaptureAsync(region, snapshotId, volumeId, null, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            foreach (var (snapshotId, _) in snapshots)
            {
                _snapshots.Delete(region, snapshotId);
            }

            throw;
        }
        finally
        {
            held.ForEach(item => item.Dispose());
        }
    }

    /// <summary>Copies a snapshot. Copies of one volume's snapshots in one region form a lineage of their own.</summary>
    public Task CopySnapshotAsync(string sourceRegion, string sourceId, string region, string newId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var source = OpenRequired(sourceRegion, sourceId);
        var identity = _snapshots.CreateIdentity(newId, $"copy-{sourceRegion}-{source.Identity.Lineage}", source.Identity.VolumeSizeBytes);
        if (source is SyntheticSnapshot synthetic)
        {
            _snapshots.Add(region, identity, synthetic.Layout);
            return Task.CompletedTask;
        }

        var blocks = ((StoredSnapshot)source).Blocks.ToArray();
        foreach (var block in blocks)
        {
            _pool.Retain(block.Slot);
        }

        _snapshots.Add(region, identity, blocks);
        return Task.CompletedTask;
    }

    /// <summary>Deletes a snapshot, complete or pending. Blocks that no other snapshot shares give back their space.</summary>
    public Task DeleteSnapshotAsync(string region, string snapshotId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _snapshots.Delete(region, snapshotId);
        return Task.CompletedTask;
    }

    /// <summary>Returns the snapshot's blocks, or null when it has none here. Dispose the result when done reading.</summary>
    public SnapshotContent? TryOpenSnapshot(string region, string snapshotId) => _snapshots.TryOpen(region, snapshotId);

    /// <summary>Starts a snapshot that is written block by block, on top of the parent's blocks when there is one.</summary>
    public Task StartSnapshotAsync(
        string region, string snapshotId, long volumeSizeBytes, string? parentSnapshotId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var parent = parentSnapshotId is null ? null : OpenRequired(region, parentSnapshotId);
        if (parent is SyntheticSnapshot)
        {
            throw new NotSupportedException($"Snapshot {parentSnapshotId} is of a synthetic volume and cannot be a parent.");
        }

        var identity = _snapshots.CreateIdentity(snapshotId, parent?.Identity.Lineage ?? snapshotId, volumeSizeBytes);
        _snapshots.Start(region, identity, (StoredSnapshot?)parent);
        return Task.CompletedTask;
    }

    /// <summary>Returns the snapshot being written, or null when it is complete or unknown.</summary>
    public PendingSnapshot? TryGetPendingSnapshot(string region, string snapshotId) => _snapshots.TryGetPending(region, snapshotId);

    /// <summary>Turns the snapshot being written into a complete one.</summary>
    public Task CompleteSnapshotAsync(string region, string snapshotId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _snapshots.Complete(region, snapshotId);
        return Task.CompletedTask;
    }

    private SnapshotContent OpenRequired(string region, string snapshotId) => _snapshots.TryOpen(region, snapshotId)
        ?? throw new InvalidOperationException($"Snapshot {snapshotId} has no blocks in region {region}: it is pending, deleted or unknown.");

    private async Task CaptureAsync(
        string region, string snapshotId, string volumeId, string? parentSnapshotId, CancellationToken cancellationToken)
    {
        var record = _volumes.Read(region, volumeId);
        var identity = _snapshots.CreateIdentity(snapshotId, volumeId, record.SizeBytes);
        if (record.Synthetic is { } layout)
        {
            _snapshots.Add(region, identity, layout);
            return;
        }

        using var previous = (parentSnapshotId is null ? null : _snapshots.TryOpen(region, parentSnapshotId))
            ?? _snapshots.TryOpenLatest(region, volumeId)
            ?? (record.BaseSnapshotId is null ? null : _snapshots.TryOpen(region, record.BaseSnapshotId));
        using var file = SparseFile.OpenRead(GetVolumePath(region, volumeId));
        var blocks = await _capture.CaptureAsync(file, record.SizeBytes, previous as StoredSnapshot, cancellationToken).ConfigureAwait(false);
        _snapshots.Add(region, identity, blocks);
    }

    private async Task RestoreAsync(string region, string volumeId, long sizeBytes, string snapshotId, CancellationToken cancellationToken)
    {
        using var snapshot = OpenRequired(region, snapshotId);
        if (snapshot is SyntheticSnapshot synthetic)
        {
            _volumes.Write(region, volumeId, new StoredVolume(sizeBytes, synthetic.Layout, null));
            return;
        }

        using var target = SparseFile.Create(GetVolumePath(region, volumeId), sizeBytes);
        var indexes = ((StoredSnapshot)snapshot).Blocks.ToArray().Select(block => block.Index);
        await WriteBlocksAsync(indexes, target, sizeBytes, snapshot.ReadAsync, cancellationToken).ConfigureAwait(false);
        _volumes.Write(region, volumeId, new StoredVolume(sizeBytes, null, snapshotId));
    }
}
