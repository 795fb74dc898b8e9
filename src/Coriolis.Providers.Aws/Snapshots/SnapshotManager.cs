using Amazon.EC2;
using Amazon.EC2.Model;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

/// <summary>Creates one crash-consistent snapshot set of an instance, exactly once.</summary>
internal sealed class SnapshotManager(
    IAmazonEC2 ec2, AwsGateway gateway, SnapshotCatalog catalog, AwsSourceOptions options, TimeProvider timeProvider, Random random, ILogger logger)
{
    public const string ResourceType = "snapshot";

    private const long GiB = 1L << 30;

    // Amazon EC2 API Reference, "Error codes": SnapshotCreationPerVolumeRateExceeded asks for 15 seconds between two
    // snapshots of a volume. The same pause lets a set that was created without an answer show up in a listing.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(15);

    // A request that AWS neither answered nor carried out three times in a row is not going to work.
    private const int MaxUnanswered = 3;

    /// <summary>Creates the set. On failure, what exists of it carries the execution's tags.</summary>
    public async Task<SnapshotSet> CreateAsync(
        SourceInstance instance, IReadOnlyList<SourceDisk> disks, CaptureRequest request, CancellationToken cancellationToken)
    {
        var wanted = disks.Select(disk => disk.Id).ToHashSet(StringComparer.Ordinal);
        var expiresAt = timeProvider.GetUtcNow() + options.SnapshotExpiry;
        var create = new CreateSnapshotsRequest
        {
            Description = $"Replica {request.ReplicaId} of {instance.Id}, execution {request.ExecutionId}",
            InstanceSpecification = Specify(instance, wanted),
            TagSpecifications =
            [
                new TagSpecification
                {
                    ResourceType = Amazon.EC2.ResourceType.Snapshot,
                    Tags = SnapshotTags.ForCapture(instance, request, expiresAt, options.ExtraTags),
                },
            ],
        };

        var started = timeProvider.GetTimestamp();
        var unanswered = 0;
        for (var attempt = 1; ; attempt++)
        {
            var intent = $"snapshot-set/{attempt}";
            if (request.Journal is { } journal)
            {
                await journal.IntendAsync(intent, ResourceType, cancellationToken).ConfigureAwait(false);
            }

            try
            {
                // A request that is under way is not cancelled: it may have created snapshots whose ids nobody would know.
                var response = await gateway.InvokeAsync(
                    new AwsCall("ec2", "CreateSnapshots", instance.Id) { Repeatable = false, Cancellable = false },
                    token => ec2.CreateSnapshotsAsync(create, token),
                    cancellationToken).ConfigureAwait(false);
                var created = (response.Snapshots ?? []).Select(s => new Snapshot
                {
                    SnapshotId = s.SnapshotId,
                    VolumeId = s.VolumeId,
                    VolumeSize = s.VolumeSize,
                    StartTime = s.StartTime,
                });
                return await AcceptAsync(instance, wanted, intent, [.. created], request).ConfigureAwait(false);
            }
            catch (CoriolisException error) when (MayBeRepeated(error, started))
            {
                logger.SnapshotsPostponed(error, instance.Id, s_pause.TotalSeconds);

                // R-20: whatever the failure was, an earlier request may have been carried out (the host's client may have sent
                // it twice), and a second set would be one too many.
                var found = await FindExistingAsync(wanted, request, error, cancellationToken).ConfigureAwait(false);
                if (found.Count > 0)
                {
                    return await AcceptAsync(instance, wanted, intent, found, request).ConfigureAwait(false);
                }

                if (AwsErrors.RetryOf(error) == AwsRetry.ServerFault && ++unanswered == MaxUnanswered)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>The snapshots of this execution, after a pause; while a listing shows a part of a set, the rest is waited for.</summary>
    private async Task<IReadOnlyList<Snapshot>> FindExistingAsync(
        HashSet<string> wanted, CaptureRequest request, CoriolisException error, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();

        // Not cancelled where a set may have been created without an answer: who cleans up then would not see it yet.
        var mayExist = AwsErrors.RetryOf(error) == AwsRetry.ServerFault;
        while (true)
        {
            await PauseAsync(mayExist ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
            var found = await catalog.FindAsync(
                [new(SnapshotTags.Owner, request.OwnerId), new(SnapshotTags.Execution, request.ExecutionId)],
                cancellationToken).ConfigureAwait(false);
            if (found.Count == 0 || wanted.IsSubsetOf(found.Select(static s => s.VolumeId)) || timeProvider.GetElapsedTime(started) > AwsGateway.NotYet)
            {
                return found;
            }
        }
    }

    /// <summary>Finds the set that an execution created, with a snapshot of each disk.</summary>
    /// <returns>The set; <see langword="null"/> when there is none, or it lacks a disk, or a snapshot of it failed.</returns>
    public async Task<SnapshotSet?> FindAsync(IReadOnlyList<SourceDisk> disks, CaptureRequest request, CancellationToken cancellationToken)
    {
        var found = await catalog.FindAsync(
            [new(SnapshotTags.Owner, request.OwnerId), new(SnapshotTags.Replica, request.ReplicaId), new(SnapshotTags.Execution, request.ExecutionId)],
            cancellationToken).ConfigureAwait(false);
        var usable = found.Where(static s => s.State == SnapshotState.Completed || s.State == SnapshotState.Pending).ToList();
        var byVolume = SelectNewest(usable, disks.Select(static disk => disk.Id).ToHashSet(StringComparer.Ordinal));
        return byVolume.Count == disks.Count ? new SnapshotSet(PointInTimeOf(usable), byVolume) : null;
    }

    private static InstanceSpecification Specify(SourceInstance instance, HashSet<string> wanted)
    {
        var excluded = instance.Disks.Where(disk => disk.Kind == DiskKind.Volume && !wanted.Contains(disk.Id)).ToList();
        var excludedData = excluded.Where(disk => !disk.IsBoot).Select(disk => disk.Id).ToList();
        return new InstanceSpecification
        {
            InstanceId = instance.Id,
            ExcludeBootVolume = excluded.Exists(disk => disk.IsBoot) ? true : null,
            ExcludeDataVolumeIds = excludedData.Count > 0 ? excludedData : null,
        };
    }

    private async Task<SnapshotSet> AcceptAsync(
        SourceInstance instance, HashSet<string> wanted, string intent, IReadOnlyList<Snapshot> snapshots, CaptureRequest request)
    {
        foreach (var snapshot in snapshots)
        {
            if (request.Journal is { } journal)
            {
                await journal.CreatedAsync(intent, ResourceType, snapshot.SnapshotId, CancellationToken.None).ConfigureAwait(false);
            }
        }

        var byVolume = SelectNewest(snapshots, wanted);
        var missing = wanted.Where(volume => !byVolume.ContainsKey(volume)).ToList();
        if (missing.Count > 0)
        {
            throw new SourceException($"The snapshot set of {instance.Id} lacks {string.Join(", ", missing)}: the volumes of the instance have changed.")
            {
                ResourceId = instance.Id,
                Remedy = "Run again.",
                IsTransient = true,
            };
        }

        logger.SnapshotsCreated(instance.Id, byVolume.Count, request.ExecutionId);
        return new SnapshotSet(PointInTimeOf(snapshots), byVolume);
    }

    // Two sets may exist when a first request was carried out without an answer; the newer one is used as a whole.
    private static Dictionary<string, VolumeSnapshot> SelectNewest(IEnumerable<Snapshot> snapshots, HashSet<string> wanted) => snapshots
        .Where(snapshot => wanted.Contains(snapshot.VolumeId))
        .GroupBy(snapshot => snapshot.VolumeId)
        .Select(group => group.MaxBy(snapshot => snapshot.StartTime)!)
        .ToDictionary(s => s.VolumeId, s => new VolumeSnapshot(s.SnapshotId, s.VolumeId, s.VolumeSize.GetValueOrDefault() * GiB));

    private DateTimeOffset PointInTimeOf(IEnumerable<Snapshot> snapshots) =>
        new((snapshots.Max(snapshot => snapshot.StartTime) ?? timeProvider.GetUtcNow().UtcDateTime).ToUniversalTime());

    private bool MayBeRepeated(CoriolisException error, long started) => AwsErrors.RetryOf(error) switch
    {
        AwsRetry.Later => options.SnapshotStallTimeout == TimeSpan.Zero || timeProvider.GetElapsedTime(started) < options.SnapshotStallTimeout,
        AwsRetry.ServerFault => true,
        _ => false,
    };

    private Task PauseAsync(CancellationToken cancellationToken) =>
        Task.Delay(s_pause * (1 + (0.3 * random.NextDouble())), timeProvider, cancellationToken);
}
