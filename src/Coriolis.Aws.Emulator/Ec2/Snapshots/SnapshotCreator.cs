using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ec2.Snapshots;

/// <summary>Takes snapshots of volumes, all of one call at the same point in time, within the account's limits.</summary>
internal sealed class SnapshotCreator(AwsEmulatorOptions options, BlockStore blocks)
{
    public async Task<IReadOnlyList<SnapshotRecord>> CreateAsync(
        Ec2Call call, IReadOnlyList<VolumeRecord> volumes, Func<VolumeRecord, IReadOnlyDictionary<string, string>> tags, CancellationToken cancellationToken)
    {
        CheckQuotas(call, volumes);
        var snapshots = volumes.Select(volume => NewRecord(call, volume, tags(volume))).ToList();
        await blocks.CreateSnapshotsAsync(
            call.Region.Name, [.. snapshots.Select(static snapshot => (snapshot.Id, snapshot.VolumeId))], cancellationToken).ConfigureAwait(false);
        foreach (var (volume, snapshot) in volumes.Zip(snapshots))
        {
            call.State.Snapshots[snapshot.Id] = snapshot;
            call.State.Volumes[volume.Id] = volume with { LastSnapshotAt = call.Now, LineageSnapshotId = snapshot.Id };
        }

        return snapshots;
    }

    private SnapshotRecord NewRecord(Ec2Call call, VolumeRecord volume, IReadOnlyDictionary<string, string> tags)
    {
        var (id, sequence) = call.Region.NextId("snap");
        return new SnapshotRecord
        {
            Id = id,
            Sequence = sequence,
            Tags = tags,
            OwnerId = call.AccountId,
            VolumeId = volume.Id,
            VolumeSizeGiB = volume.SizeGiB,
            State = "pending",
            Next = FindEnd(call, volume),
            StartTime = call.Now,
            Description = call.Parameters.Text("Description") ?? "",
            Encrypted = volume.Encrypted,
            KmsKeyArn = volume.KmsKeyArn,
            ParentSnapshotId = volume.LineageSnapshotId,
            ProductCodes = volume.ProductCodes,
        };
    }

    /// <summary>How the snapshot ends: completed, unless a fault says otherwise.</summary>
    private Transition? FindEnd(Ec2Call call, VolumeRecord volume)
    {
        List<string> named = [volume.Id, .. volume.Attachments.Select(static attachment => attachment.InstanceId)];
        var fault = options.Faults.Take(
            $"ec2:{call.Operation}", named, static kind => kind is FaultKind.StuckSnapshot or FaultKind.FailedSnapshot);
        var at = call.Now + options.Delays.Snapshot + (volume.SizeGiB * options.Delays.SnapshotPerGiB);
        return fault?.Kind switch
        {
            FaultKind.StuckSnapshot => null,
            FaultKind.FailedSnapshot => new Transition("error", at),
            _ => new Transition("completed", at),
        };
    }

    private void CheckQuotas(Ec2Call call, IReadOnlyList<VolumeRecord> volumes)
    {
        var quotas = options.Quotas;
        if (call.State.Snapshots.Count + volumes.Count > quotas.Snapshots)
        {
            throw Ec2Errors.Create("SnapshotLimitExceeded", $"You have reached the limit of {quotas.Snapshots} snapshots in this region.");
        }

        var pending = call.State.Snapshots.Values.Where(static snapshot => snapshot.State == "pending").ToList();
        if (pending.Count + volumes.Count > quotas.PendingSnapshots)
        {
            throw Ec2Errors.Create(
                "PendingSnapshotLimitExceeded", "The limit on the number of Amazon EBS snapshots in the pending state has been exceeded.");
        }

        foreach (var volume in volumes)
        {
            if (volume.LastSnapshotAt + quotas.SnapshotInterval > call.Now)
            {
                throw Ec2Errors.Create(
                    "SnapshotCreationPerVolumeRateExceeded",
                    "The maximum per volume CreateSnapshot request rate has been exceeded. "
                    + "Use an increasing or variable sleep interval between requests.");
            }

            var limit = volume.VolumeType is "st1" or "sc1" ? 1 : quotas.PendingSnapshotsPerVolume;
            if (pending.Count(snapshot => snapshot.VolumeId == volume.Id) >= limit)
            {
                throw Ec2Errors.Create(
                    "ConcurrentSnapshotLimitExceeded", $"Maximum allowed in-progress snapshots for a single volume exceeded: {volume.Id} has {limit}.");
            }
        }
    }
}
