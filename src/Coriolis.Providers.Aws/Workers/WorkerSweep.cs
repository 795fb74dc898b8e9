namespace Coriolis.Providers.Aws.Workers;

/// <summary>Removes the workers of executions that have ended, or that never said so and are past their expiry.</summary>
internal sealed class WorkerSweep(WorkerResources workers, BoundedUndo bounded)
{
    public async Task<IReadOnlyList<SweptResource>> SweepAsync(SweepRequest request, SweepRules rules, CancellationToken cancellationToken)
    {
        var swept = new List<SweptResource>();
        foreach (var resource in await workers.FindAsync(request.OwnerId, null, cancellationToken).ConfigureAwait(false))
        {
            var (keep, why) = rules.JudgeTemporary(
                resource.Id, resource.Tags, CreatedAt(resource), isJournaled: resource.Type != WorkerResources.Volume);
            var action = keep ? SweepAction.Kept : SweepAction.Removed;
            if (!keep && !request.DryRun)
            {
                var whenFree = !swept.Exists(static earlier => earlier is { Type: WorkerResources.Instance, Action: SweepAction.Failed });
                if (await bounded.TryAsync(token => workers.DeleteAsync(resource, whenFree, token), cancellationToken).ConfigureAwait(false) is { } obstacle)
                {
                    (action, why) = (SweepAction.Failed, $"{why}, but: {obstacle}");
                }
            }

            swept.Add(Describe(resource, action, why));
        }

        return swept;
    }

    private static string? TagOf(WorkerResource resource, string key) => resource.Tags.FirstOrDefault(tag => tag.Key == key)?.Value;

    private static SweptResource Describe(WorkerResource resource, SweepAction action, string why) => new()
    {
        Type = resource.Type,
        Id = resource.Id,
        Action = action,
        Why = why,
        CreatedAt = CreatedAt(resource),
        OwnerId = TagOf(resource, SnapshotTags.Owner),
        ReplicaId = TagOf(resource, SnapshotTags.Replica),
        ExecutionId = TagOf(resource, SnapshotTags.Execution),
        DiskId = TagOf(resource, SnapshotTags.Disk),
        SizeGiB = resource.SizeGiB,
        HourlyCostUsd = resource.Type switch
        {
            WorkerResources.Instance => ListPrices.InstanceHour(resource.InstanceType),
            WorkerResources.Volume => ListPrices.VolumeHour(resource.SizeGiB),
            _ => 0,
        },
    };

    private static DateTimeOffset? CreatedAt(WorkerResource resource) =>
        resource.CreatedAt is { } at ? new DateTimeOffset(at.ToUniversalTime()) : null;
}
