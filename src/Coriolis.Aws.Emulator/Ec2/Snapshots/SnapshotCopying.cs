using Coriolis.Aws.Emulator.Ec2.Encryption;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ec2.Snapshots;

/// <summary>CopySnapshot: called in the destination region, reads the source region.</summary>
internal sealed class SnapshotCopying(AwsEmulatorOptions options, RegionSet regions, BlockStore blocks)
{
    public async Task CopyAsync(Ec2Call call, CancellationToken cancellationToken)
    {
        var sourceRegion = call.Parameters.Required("SourceRegion");
        if (!regions.TryGet(sourceRegion, out var from)) throw Ec2Errors.InvalidValue($"Invalid source region '{sourceRegion}'.");
        var source = ResourceKind.Snapshot.Find(from.State.Snapshots, call.Parameters.Required("SourceSnapshotId"));
        // The source region settles by its own calls; a copy may find a transition that is due and not carried out.
        var state = source.At(call.Now).State;
        if (state != "completed") throw Ec2Errors.IncorrectState($"The snapshot '{source.Id}' is in the state '{state}'; it must be completed.");
        var copies = call.State.Snapshots.Values.Count(static snapshot => snapshot is { IsCopy: true, State: "pending" });
        if (copies >= options.Quotas.PendingSnapshotCopies)
        {
            throw Ec2Errors.Create("ResourceLimitExceeded", "Too many snapshot copies in progress. The limit is "
                + $"{options.Quotas.PendingSnapshotCopies} for this destination region.");
        }

        var encryption = KeyResolver.ForCopy(call.Region, call.Parameters.Boolean("Encrypted"), call.Parameters.Text("KmsKeyId"), source, call.Caller);
        var tags = TagSpecifications.Read(call.Parameters, ResourceKind.Snapshot);
        var (id, sequence) = call.Region.NextId("snap");
        await blocks.CopySnapshotAsync(sourceRegion, source.Id, call.Region.Name, id, cancellationToken).ConfigureAwait(false);
        call.State.Snapshots[id] = new SnapshotRecord
        {
            Id = id,
            Sequence = sequence,
            Tags = tags,
            OwnerId = call.AccountId,
            VolumeId = SnapshotRecord.NoVolume,
            VolumeSizeGiB = source.VolumeSizeGiB,
            State = "pending",
            Next = new Transition(
                encryption.KeyUsable ? "completed" : "error",
                call.Now + options.Delays.Snapshot + (source.VolumeSizeGiB * options.Delays.SnapshotPerGiB)),
            StateMessage = encryption.KeyUsable ? null : "Given key ID is not accessible",
            StartTime = call.Now,
            Description = call.Parameters.Text("Description") ?? $"[Copied {source.Id} from {sourceRegion}]",
            Encrypted = encryption.Encrypted,
            KmsKeyArn = encryption.KeyArn,
            IsCopy = true,
            ProductCodes = source.ProductCodes,
        };
        call.Response.Add("snapshotId", id);
        call.Response.AddTags(tags);
    }
}
