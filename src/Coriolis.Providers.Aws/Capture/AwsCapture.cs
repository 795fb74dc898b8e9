namespace Coriolis.Providers.Aws;

/// <summary>A completed snapshot set, open for reading.</summary>
internal sealed class AwsCapture(
    DateTimeOffset pointInTime, IReadOnlyList<IBlockSource> disks, CaptureState state, SnapshotCatalog catalog, CaptureCleanup cleanup)
    : ISourceCapture
{
    private readonly Lock _lock = new();
    private Task<IReadOnlyList<LeftoverResource>>? _release;

    public DateTimeOffset PointInTime => pointInTime;

    public IReadOnlyList<IBlockSource> Disks => disks;

    public async Task RetainAsync(string diskId, CancellationToken cancellationToken = default)
    {
        var disk = disks.FirstOrDefault(source => source.Disk.Id == diskId)
            ?? throw new ArgumentException($"The capture has no disk {diskId}.", nameof(diskId));
        state.Retain(diskId, disk.SourceReference);
        await catalog.MarkAsBaselineAsync(disk.SourceReference, diskId, cancellationToken).ConfigureAwait(false);
        if (state.Request.Journal is { } journal)
        {
            await journal.KeptAsync(disk.SourceReference, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task<IReadOnlyList<LeftoverResource>> ReleaseAsync(CaptureOutcome outcome)
    {
        lock (_lock)
        {
            return _release ??= ReleaseOnceAsync(outcome);
        }
    }

    public async ValueTask DisposeAsync() => await ReleaseAsync(CaptureOutcome.Failed).ConfigureAwait(false);

    private async Task<IReadOnlyList<LeftoverResource>> ReleaseOnceAsync(CaptureOutcome outcome)
    {
        foreach (var source in disks)
        {
            switch (source)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync().ConfigureAwait(false);
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }

        return await cleanup.RunAsync(state, outcome).ConfigureAwait(false);
    }
}
