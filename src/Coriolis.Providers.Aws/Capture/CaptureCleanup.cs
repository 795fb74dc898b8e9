using Coriolis.Providers.Aws.Workers;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Undoes what one capture did. Driven by what the tags say exists, not by which step is known to have succeeded, so
/// that it also removes what an earlier, crashed execution of the same replica left.
/// </summary>
internal sealed class CaptureCleanup(
    SnapshotCatalog catalog, WorkerResources workers, InstancePower power, BoundedUndo bounded, ILogger logger)
{
    // Deletes run side by side, because one that waits for its snapshot to be released must not hold up the others.
    private const int Parallelism = 8;

    /// <summary>Deletes and starts again whatever the capture is to leave no trace of.</summary>
    /// <returns>What could not be undone.</returns>
    public async Task<IReadOnlyList<LeftoverResource>> RunAsync(CaptureState state, CaptureOutcome outcome)
    {
        using var activity = AwsTelemetry.Activities.StartActivity("release capture");

        // Side by side: snapshots do not depend on workers, and what is stuck must not cost the others their time.
        var leftovers = await Task.WhenAll(
            SettleAsync(state, outcome), ReleaseWorkersAsync(state), ReleaseSnapshotsAsync(state)).ConfigureAwait(false);
        return [.. leftovers.SelectMany(static left => left)];
    }

    /// <summary>Closes the sessions of a capture and deletes whatever workers of its replica exist.</summary>
    /// <param name="state">The capture.</param>
    /// <param name="cancellationToken">Cancels the deletion; none where it is what follows a cancellation.</param>
    /// <returns>What could not be deleted.</returns>
    public async Task<IReadOnlyList<LeftoverResource>> ReleaseWorkersAsync(CaptureState state, CancellationToken cancellationToken = default)
    {
        foreach (var worker in state.Workers)
        {
            await worker.DisposeAsync().ConfigureAwait(false);
        }

        var leftovers = new List<LeftoverResource>();
        if (!state.WorkersRequested)
        {
            return leftovers;
        }

        IReadOnlyList<WorkerResource> found = [];
        await TryAsync(
            "workers of replica",
            state.Request.ReplicaId,
            async token => found = await workers.FindAsync(state.Request.OwnerId, state.Request.ReplicaId, token).ConfigureAwait(false),
            leftovers,
            cancellationToken).ConfigureAwait(false);

        // What this capture is known to have created counts even when the listing lags behind.
        var unlisted = state.WorkerResources.ExceptBy(found.Select(static resource => resource.Id), static resource => resource.Id);

        // One kind after the other: each waits for the end of what uses it, unless that stays.
        foreach (var type in WorkerResources.InOrder)
        {
            var whenFree = leftovers.TrueForAll(static left => left.Type != WorkerResources.Instance);
            await ForEachAsync(
                found.Concat(unlisted).Where(resource => resource.Type == type),
                resource => TryAsync(resource.Type, resource.Id, token => DeleteAsync(resource, whenFree, state.Request, token), leftovers, cancellationToken))
                .ConfigureAwait(false);
        }

        return leftovers;
    }

    private async Task DeleteAsync(WorkerResource resource, bool whenFree, CaptureRequest request, CancellationToken cancellationToken)
    {
        await workers.DeleteAsync(resource, whenFree, cancellationToken).ConfigureAwait(false);
        if (request.Journal is { } journal)
        {
            await journal.DeletedAsync(resource.Id, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<LeftoverResource>> SettleAsync(CaptureState state, CaptureOutcome outcome)
    {
        var leftovers = new List<LeftoverResource>();
        if (state.StoppedInstance is { } instanceId)
        {
            await TryAsync(
                IResourceJournal.StoppedInstance,
                instanceId,
                token => SettleAsync(instanceId, state.Request, outcome, token),
                leftovers).ConfigureAwait(false);
        }

        return leftovers;
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

    private async Task<IReadOnlyList<LeftoverResource>> ReleaseSnapshotsAsync(CaptureState state)
    {
        var leftovers = new List<LeftoverResource>();
        if (state.SnapshotsRequested)
        {
            var superfluous = await FindSuperfluousAsync(state, leftovers).ConfigureAwait(false);
            await ForEachAsync(
                superfluous,
                id => TryAsync(SnapshotManager.ResourceType, id, token => DeleteAsync(id, state, token), leftovers)).ConfigureAwait(false);
        }

        return leftovers;
    }

    private async Task DeleteAsync(string snapshotId, CaptureState state, CancellationToken cancellationToken)
    {
        await catalog.DeleteAsync(snapshotId, state.IsUnseen(snapshotId), cancellationToken).ConfigureAwait(false);
        if (state.Request.Journal is { } journal)
        {
            await journal.DeletedAsync(snapshotId, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyCollection<string>> FindSuperfluousAsync(CaptureState state, List<LeftoverResource> leftovers)
    {
        // What this capture is known to have created counts even when the listing lags behind.
        var candidates = state.CreatedSnapshots.ToDictionary(s => s.Id, s => s.VolumeId, StringComparer.Ordinal);
        await TryAsync("snapshots of replica", state.Request.ReplicaId, FindAsync, leftovers).ConfigureAwait(false);
        return [.. candidates.Where(c => !state.IsKept(c.Key)).Select(c => c.Key)];

        async Task FindAsync(CancellationToken cancellationToken)
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

    private static Task ForEachAsync<T>(IEnumerable<T> items, Func<T, Task> body) => Parallel.ForEachAsync(
        items, new ParallelOptions { MaxDegreeOfParallelism = Parallelism }, async (item, _) => await body(item).ConfigureAwait(false));

    private async Task TryAsync(
        string type, string id, Func<CancellationToken, Task> undo, List<LeftoverResource> leftovers, CancellationToken cancellationToken = default)
    {
        if (await bounded.TryAsync(undo, cancellationToken).ConfigureAwait(false) is { } why)
        {
            logger.LeftBehind(type, id, why);
            lock (leftovers)
            {
                leftovers.Add(new LeftoverResource(type, id, why));
            }
        }
    }
}
