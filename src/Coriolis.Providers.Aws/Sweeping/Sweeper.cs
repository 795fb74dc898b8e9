using Amazon.EC2.Model;
using Coriolis.Providers.Aws.Workers;

namespace Coriolis.Providers.Aws;

/// <summary>Finds snapshots of ours by their tags and deletes those that nobody needs any more.</summary>
internal sealed class Sweeper(SnapshotCatalog catalog, WorkerSweep workers, InstancePower power, BoundedUndo bounded, AwsSourceOptions options, TimeProvider timeProvider)
{
    public async Task<SweepReport> SweepAsync(SweepRequest request, CancellationToken cancellationToken)
    {
        using var activity = AwsTelemetry.Activities.StartActivity("sweep");
        var swept = new List<SweptResource>();
        var rules = new SweepRules(request, options, timeProvider.GetUtcNow());

        // First, because somebody may be waiting for them.
        foreach (var stopped in request.StoppedInstances)
        {
            swept.Add(await StartAsync(stopped, request.DryRun, cancellationToken).ConfigureAwait(false));
        }

        // Workers before snapshots: their volumes are billed by the hour.
        swept.AddRange(await workers.SweepAsync(request, rules, cancellationToken).ConfigureAwait(false));
        var found = await catalog.FindAsync([new(SnapshotTags.Owner, request.OwnerId)], cancellationToken).ConfigureAwait(false);
        var newest = NewestBaselines(found);
        foreach (var snapshot in found.OrderBy(s => s.StartTime).ThenBy(s => s.SnapshotId, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (keep, why) = TagOf(snapshot, SnapshotTags.Role) == SnapshotTags.BaselineRole
                ? rules.JudgeBaseline(snapshot.SnapshotId, snapshot.Tags, CreatedAt(snapshot), newest.Contains(snapshot.SnapshotId))
                : rules.JudgeTemporary(snapshot.SnapshotId, snapshot.Tags, CreatedAt(snapshot));
            swept.Add(keep || request.DryRun
                ? Describe(snapshot, keep ? SweepAction.Kept : SweepAction.Removed, why)
                : await DeleteAsync(snapshot, why, cancellationToken).ConfigureAwait(false));
        }

        return new SweepReport(swept);
    }

    private static HashSet<string> NewestBaselines(IEnumerable<Snapshot> snapshots) =>
    [
        .. snapshots
            .Where(s => TagOf(s, SnapshotTags.Role) == SnapshotTags.BaselineRole)
            .GroupBy(s => (TagOf(s, SnapshotTags.Owner), TagOf(s, SnapshotTags.Replica), DiskOf(s)))
            .Select(group => group.MaxBy(s => (s.StartTime, s.SnapshotId))!.SnapshotId),
    ];

    private async Task<SweptResource> DeleteAsync(Snapshot snapshot, string why, CancellationToken cancellationToken) =>
        await bounded.TryAsync(token => catalog.DeleteAsync(snapshot.SnapshotId, isUnseen: false, token), cancellationToken).ConfigureAwait(false) is { } obstacle
            ? Describe(snapshot, SweepAction.Failed, $"{why}, but: {obstacle}")
            : Describe(snapshot, SweepAction.Removed, why);

    private async Task<SweptResource> StartAsync(StoppedInstance stopped, bool dryRun, CancellationToken cancellationToken)
    {
        var swept = new SweptResource
        {
            Type = IResourceJournal.StoppedInstance,
            Id = stopped.InstanceId,
            ExecutionId = stopped.ExecutionId,
            Action = SweepAction.Removed,
            Why = "the execution that stopped it was interrupted: it is started again",
        };
        string? kept = null;
        var obstacle = await bounded.TryAsync(
            async token => kept = await power.RestartAsync(stopped, dryRun, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return obstacle is not null ? swept with { Action = SweepAction.Failed, Why = $"{swept.Why}, but: {obstacle}" }
            : kept is not null ? swept with { Action = SweepAction.Kept, Why = $"an interrupted execution stopped it, but {kept}" }
            : swept;
    }

    private static SweptResource Describe(Snapshot snapshot, SweepAction action, string why) => new()
    {
        Type = SnapshotManager.ResourceType,
        Id = snapshot.SnapshotId,
        Action = action,
        Why = why,
        CreatedAt = CreatedAt(snapshot),
        OwnerId = TagOf(snapshot, SnapshotTags.Owner),
        ReplicaId = TagOf(snapshot, SnapshotTags.Replica),
        ExecutionId = TagOf(snapshot, SnapshotTags.Execution),
        DiskId = DiskOf(snapshot),
        SizeGiB = snapshot.VolumeSize,
        HourlyCostUsd = ListPrices.SnapshotHour(snapshot.VolumeSize),
    };

    private static DateTimeOffset CreatedAt(Snapshot snapshot) => new(snapshot.StartTime.GetValueOrDefault().ToUniversalTime());

    private static string DiskOf(Snapshot snapshot) => TagOf(snapshot, SnapshotTags.Disk) ?? snapshot.VolumeId;

    private static string? TagOf(Snapshot snapshot, string key) => Ec2Names.TagValue(snapshot.Tags, key);
}
