using Coriolis.Providers.Aws.Workers;

namespace Coriolis.Providers.Aws;

/// <summary>Fixes a point in time of an instance: keys checked, shut down if asked, snapshot set taken and completed.</summary>
internal sealed class CaptureService(
    KeyInspector keys,
    InstancePower power,
    SnapshotSlots slots,
    SnapshotManager snapshots,
    SnapshotWaiter waiter,
    SnapshotCatalog catalog,
    CaptureCleanup cleanup,
    OpenBlockSource openBlockSource,
    WorkerReader workers,
    ReadPathChooser paths,
    AwsSourceOptions options)
{
    public async Task<ISourceCapture> CaptureAsync(SourceInstance instance, CaptureRequest request, CancellationToken cancellationToken)
    {
        var disks = Select(instance, request);
        using var activity = AwsTelemetry.Activities.StartActivity("create snapshots");
        activity?.SetTag("coriolis.instance.id", instance.Id).SetTag("coriolis.execution.id", request.ExecutionId);
        var state = new CaptureState(request);
        try
        {
            if (request.ReadPath == ReadPath.Worker)
            {
                await workers.CheckAsync(instance, cancellationToken).ConfigureAwait(false);
            }

            await keys.CheckAsync(disks, cancellationToken).ConfigureAwait(false);
            if (request.ShutDown || options.ShutdownMigratedInstance)
            {
                await power.StopAsync(
                    instance.Id,
                    () => RecordStopAsync(instance.Id, state, cancellationToken),
                    request.Progress,
                    cancellationToken).ConfigureAwait(false);
            }

            var set = await SnapshotAsync(instance, disks, state, cancellationToken).ConfigureAwait(false);
            var sources = await OpenAsync(instance, disks, set, state, cancellationToken).ConfigureAwait(false);
            return new AwsCapture(set.PointInTime, sources, state, catalog, cleanup);
        }
        catch (Exception error)
        {
            activity.Fail(error);
            await UndoAsync(state, error).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens the snapshot set of an execution whose process died, if it still exists and has every disk.</summary>
    /// <remarks>A worker of that execution cannot be taken over: its keys died with the process. It is removed.</remarks>
    public async Task<ISourceCapture?> ResumeAsync(SourceInstance instance, CaptureRequest request, CancellationToken cancellationToken)
    {
        var disks = Select(instance, request);
        using var activity = AwsTelemetry.Activities.StartActivity("resume capture");
        activity?.SetTag("coriolis.instance.id", instance.Id).SetTag("coriolis.execution.id", request.ExecutionId);
        if (await snapshots.FindAsync(disks, request, cancellationToken).ConfigureAwait(false) is not { } set)
        {
            return null;
        }

        var state = new CaptureState(request) { SnapshotsRequested = true, WorkersRequested = true };
        state.AddSnapshots(set);
        state.SeeSnapshots();
        try
        {
            if (request.ReadPath == ReadPath.Worker)
            {
                await workers.CheckAsync(instance, cancellationToken).ConfigureAwait(false);
            }

            await cleanup.ReleaseWorkersAsync(state, cancellationToken).ConfigureAwait(false);
            await keys.CheckAsync(disks, cancellationToken).ConfigureAwait(false);
            await waiter.WaitAsync(set, request.Progress, cancellationToken).ConfigureAwait(false);
            var sources = await OpenAsync(instance, disks, set, state, cancellationToken).ConfigureAwait(false);
            return new AwsCapture(set.PointInTime, sources, state, catalog, cleanup);
        }
        catch (Exception error)
        {
            activity.Fail(error);
            await UndoAsync(state, error).ConfigureAwait(false);
            throw;
        }
    }

    private async Task UndoAsync(CaptureState state, Exception error)
    {
        var leftovers = await cleanup.RunAsync(state, CaptureOutcome.Failed).ConfigureAwait(false);
        if (leftovers.Count > 0 && error is CoriolisException known)
        {
            throw WithLeftovers(known, leftovers);
        }
    }

    private static List<SourceDisk> Select(SourceInstance instance, CaptureRequest request)
    {
        var disks = instance.Disks.Where(disk => disk.Kind == DiskKind.Volume && !request.ExcludedDiskIds.Contains(disk.Id)).ToList();
        return disks.Count > 0
            ? disks
            : throw new UnsupportedInstanceException($"Every volume of {instance.Id} is excluded: there is nothing to capture.")
            {
                ResourceId = instance.Id,
                Remedy = "Leave at least one disk in.",
            };
    }

    private async Task<SnapshotSet> SnapshotAsync(
        SourceInstance instance, List<SourceDisk> disks, CaptureState state, CancellationToken cancellationToken)
    {
        state.Request.Progress?.Report(new CaptureProgress("creating snapshots"));
        using var pending = await slots.AcquireAsync(
            instance.AccountId, instance.Region, disks.Count, options.MaxPendingSnapshots, cancellationToken).ConfigureAwait(false);
        state.SnapshotsRequested = true;
        var set = await snapshots.CreateAsync(instance, disks, state.Request, cancellationToken).ConfigureAwait(false);
        state.AddSnapshots(set);
        await waiter.WaitAsync(set, state.Request.Progress, cancellationToken).ConfigureAwait(false);
        state.SeeSnapshots();
        return set;
    }

    // Before the request: a process that ends right after it leaves an instance that somebody has to start again.
    private static async Task RecordStopAsync(string instanceId, CaptureState state, CancellationToken cancellationToken)
    {
        if (state.Request.Journal is { } journal)
        {
            await journal.CreatedAsync("stop", IResourceJournal.StoppedInstance, instanceId, cancellationToken).ConfigureAwait(false);
        }

        state.StoppedInstance = instanceId;
    }

    private async Task<IReadOnlyList<IBlockSource>> OpenAsync(
        SourceInstance instance, List<SourceDisk> disks, SnapshotSet set, CaptureState state, CancellationToken cancellationToken)
    {
        var path = await paths.ChooseAsync(instance, set, state.Request, cancellationToken).ConfigureAwait(false);
        return path == ReadPath.Worker
            ? await workers.OpenAsync(state, instance, [.. disks.Select(disk => new CapturedDisk(disk, set.ByVolume[disk.Id]))], cancellationToken).ConfigureAwait(false)
            : [.. disks.Select(disk => Open(disk, set.ByVolume[disk.Id], state.Request, instance.AccountId))];
    }

    // The volume may have grown between the inspection and the snapshot.
    private IBlockSource Open(SourceDisk disk, VolumeSnapshot snapshot, CaptureRequest request, string accountId) =>
        openBlockSource(disk with { SizeBytes = snapshot.SizeBytes }, snapshot.Id, request, accountId);

    private static SourceException WithLeftovers(CoriolisException error, IReadOnlyList<LeftoverResource> leftovers) =>
        new($"{error.Message} Left behind: {string.Join(", ", leftovers.Select(l => $"{l.Type} {l.Id}"))}.", error)
        {
            ResourceId = error.ResourceId,
            ErrorCode = error.ErrorCode,
            RequestId = error.RequestId,
            Remedy = "Run coriolis-aws sweep to remove it.",
            IsTransient = error.IsTransient,
            LeftBehind = leftovers,
        };
}
