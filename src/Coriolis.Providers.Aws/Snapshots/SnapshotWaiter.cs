using System.Globalization;
using Amazon.EC2;
using Amazon.EC2.Model;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws;

/// <summary>Waits until every snapshot of a set is completed, for as long as there is progress.</summary>
internal sealed class SnapshotWaiter(
    IAmazonEC2 ec2, AwsGateway gateway, AwsSourceOptions options, AwsMetrics metrics, TimeProvider timeProvider, Random random, ILogger logger)
{
    // EC2 is eventually consistent: one read may come from a server that is ahead of the one the block API asks.
    private const int AgreeingReads = 2;

    private const int BatchSize = 200;

    public async Task WaitAsync(SnapshotSet set, IProgress<CaptureProgress>? progress, CancellationToken cancellationToken)
    {
        using var activity = AwsTelemetry.Activities.StartActivity("wait for snapshots");
        var started = timeProvider.GetTimestamp();
        try
        {
            await PollAsync(set, progress, started, cancellationToken).ConfigureAwait(false);
            metrics.SnapshotsCompleted(timeProvider.GetElapsedTime(started), gateway.Region, null);
            logger.SnapshotsCompleted(set.ByVolume.Count, timeProvider.GetElapsedTime(started).TotalSeconds);
        }
        catch (Exception error)
        {
            metrics.SnapshotsCompleted(timeProvider.GetElapsedTime(started), gateway.Region, AwsTelemetry.ErrorType(error));
            activity.Fail(error);
            throw;
        }
    }

    private async Task PollAsync(SnapshotSet set, IProgress<CaptureProgress>? progress, long started, CancellationToken cancellationToken)
    {
        var percent = new Dictionary<string, int>(StringComparer.Ordinal);
        var lastProgress = started;
        var agreeing = 0;
        var backoff = new Backoff(TimeSpan.FromSeconds(1), options.PollInterval, timeProvider, random);
        while (true)
        {
            var snapshots = await DescribeAsync(set, started, cancellationToken).ConfigureAwait(false);
            foreach (var snapshot in snapshots)
            {
                FailUnlessHealthy(snapshot);
                var now = PercentOf(snapshot);
                if (!percent.TryGetValue(snapshot.VolumeId, out var before) || now != before)
                {
                    percent[snapshot.VolumeId] = now;
                    lastProgress = timeProvider.GetTimestamp();
                    progress?.Report(new CaptureProgress("waiting for snapshots", snapshot.VolumeId, now));
                }
            }

            agreeing = snapshots.Count == set.ByVolume.Count && snapshots.All(s => s.State == SnapshotState.Completed) ? agreeing + 1 : 0;
            if (agreeing == AgreeingReads)
            {
                return;
            }

            FailIfStalled(set, snapshots, lastProgress);
            await (agreeing > 0 ? ShortPauseAsync(cancellationToken) : backoff.WaitAsync(cancellationToken)).ConfigureAwait(false);
        }
    }

    private async Task<List<Snapshot>> DescribeAsync(SnapshotSet set, long started, CancellationToken cancellationToken)
    {
        var found = new List<Snapshot>();
        foreach (var batch in set.ByVolume.Values.Select(s => s.Id).Chunk(BatchSize))
        {
            var request = new DescribeSnapshotsRequest { SnapshotIds = [.. batch] };
            try
            {
                var response = await gateway.InvokeAsync(
                    new AwsCall("ec2", "DescribeSnapshots", batch.Length == 1 ? batch[0] : null),
                    token => ec2.DescribeSnapshotsAsync(request, token),
                    cancellationToken).ConfigureAwait(false);
                found.AddRange(response.Snapshots ?? []);
            }
            catch (CoriolisException error) when (AwsErrors.IsNotFound(error) && timeProvider.GetElapsedTime(started) < AwsGateway.NotYet)
            {
                logger.SnapshotsNotVisible(error.Message);
            }
        }

        return found;
    }

    private static void FailUnlessHealthy(Snapshot snapshot)
    {
        if (snapshot.State == SnapshotState.Error)
        {
            throw new SourceException($"Snapshot {snapshot.SnapshotId} of {snapshot.VolumeId} failed: {snapshot.StateMessage ?? "EC2 gives no reason"}.")
            {
                ResourceId = snapshot.SnapshotId,
                ErrorCode = "error",
                Remedy = snapshot.Encrypted == true ? $"Check the state and the policy of the key {snapshot.KmsKeyId}, then run again." : "Run again.",
                IsTransient = true,
            };
        }

        if (snapshot.State == SnapshotState.Recoverable || snapshot.State == SnapshotState.Recovering)
        {
            throw new SourceException(
                $"Snapshot {snapshot.SnapshotId} of {snapshot.VolumeId} is {snapshot.State.Value}: somebody deleted it and it is in the Recycle Bin.")
            {
                ResourceId = snapshot.SnapshotId,
                ErrorCode = snapshot.State.Value,
                Remedy = "Find out what deletes snapshots of this account (a lifecycle policy?), then run again.",
            };
        }
    }

    private void FailIfStalled(SnapshotSet set, List<Snapshot> snapshots, long lastProgress)
    {
        var stalled = timeProvider.GetElapsedTime(lastProgress);
        if (options.SnapshotStallTimeout == TimeSpan.Zero || stalled < options.SnapshotStallTimeout)
        {
            return;
        }

        var completed = snapshots.Where(s => s.State == SnapshotState.Completed).Select(s => s.SnapshotId).ToHashSet();
        var pending = set.ByVolume.Values.Where(s => !completed.Contains(s.Id)).Select(s => s.Id).ToList();
        throw new SourceException($"The snapshots {string.Join(", ", pending)} have made no progress for {stalled}.")
        {
            ResourceId = pending.FirstOrDefault(),
            Remedy = "Raise snapshot_stall_timeout, or ask AWS Support why they are stuck.",
            IsTransient = true,
        };
    }

    private Task ShortPauseAsync(CancellationToken cancellationToken) =>
        new Backoff(TimeSpan.FromSeconds(1), options.PollInterval, timeProvider, random).WaitAsync(cancellationToken);

    private static int PercentOf(Snapshot snapshot) =>
        snapshot.State == SnapshotState.Completed ? 100
        : int.TryParse(snapshot.Progress?.TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? percent
        : 0;
}
