using Coriolis.Providers.Aws.Workers;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Undoes what one capture did. Driven by what the tags say exists, not by which step is known to have succeeded, so
/// that it also removes what an earlier, crashed execution of the same replica left.
/// </summary>
internal sealed class CaptureCleanup(
    SnapshotCatalog catalog, WorkerResources workers, InstancePower power, AwsSourceOptions options, TimeProvider timeProvider, ILogger logger)
{
    // Deletes run side by side, because one that waits for its snapshot to be released must not hold up the others.
    private const int Parallelism = 8;

    /// <summary>Deletes and starts again whatever the capture is to leave no trace of.</summary>
    /// <returns>What could not be undone.</returns>
    public async Task<IReadOnlyList<LeftoverResource>> RunAsync(CaptureState state, CaptureOutcome outcome)
    {
        using var activity = AwsTelemetry.Activities.StartActivity("release capture");
        using var deadline = new CancellationTokenSource(options.ReleaseTimeout, timeProvider);
        var leftovers = new List<LeftoverResource>();
        if (state.StoppedInstance is { } instanceId)
        {
            await TryAsync(
                IResourceJournal.StoppedInstance,
                instanceId,
                () => SettleAsync(instanceId, state.Request, outcome, deadline.Token),
                leftovers).ConfigureAwait(false);
        }

        await ReleaseWorkersAsync(state, leftovers, deadline.Token).ConfigureAwait(false);
        if (!state.SnapshotsRequested)
        {
            return leftovers;
        }

        var superfluous = await FindSuperfluousAsync(state, leftovers, deadline.Token).ConfigureAwait(false);
        await Parallel.ForEachAsync(
            superfluous,
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism },
            async (id, _) => await TryAsync(
                SnapshotManager.ResourceType,
                id,
                () => DeleteAsync(id, state.Request, deadline.Token),
                leftovers).ConfigureAwait(false))
            .ConfigureAwait(false);
        return leftovers;
    }

    /// <summary>Closes the sessions of a capture and deletes whatever workers of its replica exist.</summary>
    public async Task ReleaseWorkersAsync(CaptureState state, List<LeftoverResource> leftovers, CancellationToken cancellationToken)
    {
        foreach (var worker in state.Workers)
        {
            await worker.DisposeAsync().ConfigureAwait(false);
        }

        if (!state.WorkersRequested)
        {
            return;
        }

        IReadOnlyList<WorkerResource> found = [];
        await TryAsync("workers of replica", state.Request.ReplicaId, FindAsync, leftovers).ConfigureAwait(false);

        // One after the other: each waits for the end of what uses it, unless that stays.
        foreach (var resource in found)
        {
            var whenFree = leftovers.TrueForAll(static left => left.Type != WorkerResources.Instance);
            await TryAsync(resource.Type, resource.Id, () => DeleteAsync(resource, whenFree, state.Request, cancellationToken), leftovers).ConfigureAwait(false);
        }

        async Task FindAsync() =>
            found = await workers.FindAsync(state.Request.OwnerId, state.Request.ReplicaId, cancellationToken).ConfigureAwait(false);
    }

    private async Task DeleteAsync(WorkerResource resource, bool whenFree, CaptureRequest request, CancellationToken cancellationToken)
    {
        await workers.DeleteAsync(resource, whenFree, cancellationToken).ConfigureAwait(false);
        if (request.Journal is { } journal)
        {
            await journal.DeletedAsync(resource.Id, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SettleAsync(string instanceId, CaptureRequest request, CaptureOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome == CaptureOutcome.Failed)
        {
            await power.StartAsync(instanceId, cancellationToken).ConfigureAwait(false);
        }

        if (request.Journal is not { } journal)
        {
            return;
        }

        if (outcome == CaptureOutcome.Failed)
        {
            await journal.DeletedAsync(instanceId, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await journal.KeptAsync(instanceId, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task DeleteAsync(string snapshotId, CaptureRequest request, CancellationToken cancellationToken)
    {
        await catalog.DeleteAsync(snapshotId, cancellationToken).ConfigureAwait(false);
        if (request.Journal is { } journal)
        {
            await journal.DeletedAsync(snapshotId, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyCollection<string>> FindSuperfluousAsync(
        CaptureState state, List<LeftoverResource> leftovers, CancellationToken cancellationToken)
    {
        // What this capture is known to have created counts even when the listing lags behind.
        var candidates = state.CreatedSnapshots.ToDictionary(s => s.Id, s => s.VolumeId, StringComparer.Ordinal);
        await TryAsync("snapshots of replica", state.Request.ReplicaId, FindAsync, leftovers).ConfigureAwait(false);
        return [.. candidates.Where(c => !state.IsKept(c.Key)).Select(c => c.Key)];

        async Task FindAsync()
        {
            var found = await catalog.FindAsync(
                [new(SnapshotTags.Owner, state.Request.OwnerId), new(SnapshotTags.Replica, state.Request.ReplicaId)],
                cancellationToken).ConfigureAwait(false);
            foreach (var snapshot in found.Where(s => state.IsSuperfluous(s)))
            {
                candidates[snapshot.SnapshotId] = snapshot.VolumeId;
            }
        }
    }

    private async Task TryAsync(string type, string id, Func<Task> undo, List<LeftoverResource> leftovers)
    {
        try
        {
            await undo().ConfigureAwait(false);
        }
        catch (Exception error) when (error is CoriolisException or OperationCanceledException)
        {
            var why = error is CoriolisException known
                ? $"{known.ErrorCode}: {known.Message}"
                : $"There was no time left: cleaning up took longer than {options.ReleaseTimeout}.";
            logger.LeftBehind(type, id, why);
            lock (leftovers)
            {
                leftovers.Add(new LeftoverResource(type, id, why));
            }
        }
    }
}
