using Coriolis.Aws.Emulator.Ec2.Encryption;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>Makes volumes: for CreateVolume, for RunInstances and for seeds. Everything is checked before anything is made.</summary>
internal sealed class VolumeFactory(AwsEmulatorOptions options, BlockStore blocks)
{
    private const long BytesPerGiB = 1L << 30;

    /// <summary>Checks a request for a volume and returns what it will be.</summary>
    public VolumePlan Plan(Region region, NewVolume request, DateTimeOffset now, Authorizer? caller)
    {
        request.CheckZone(region);
        var snapshot = request.SnapshotId is null ? null : ResourceKind.Snapshot.Find(region.State.Snapshots, request.SnapshotId);
        if (snapshot is { State: not "completed" })
        {
            throw Ec2Errors.IncorrectState($"Snapshot is in invalid state - {snapshot.State}");
        }

        var sizeGiB = request.SizeGiB ?? snapshot?.VolumeSizeGiB
            ?? throw Ec2Errors.Create("MissingParameter", "The request must contain the parameter size/snapshotId");
        if (sizeGiB < snapshot?.VolumeSizeGiB)
        {
            throw Ec2Errors.InvalidValue(
                $"Volume of size {sizeGiB}GB is smaller than snapshot '{snapshot.Id}', expect size>= {snapshot.VolumeSizeGiB}GB");
        }

        var type = request.VolumeType ?? VolumeTypes.Default;
        var (iops, throughput) = VolumeTypes.Check(type, sizeGiB, request.Iops, request.Throughput);
        if (request.MultiAttach) VolumeTypes.CheckMultiAttach(type);
        var encryption = KeyResolver.ForNewVolume(region, request.Encrypted, request.KmsKeyId, snapshot, caller);
        var (id, sequence) = region.NextId("vol");
        var record = new VolumeRecord
        {
            Id = id,
            Sequence = sequence,
            Tags = request.Tags,
            SizeGiB = sizeGiB,
            VolumeType = type,
            Iops = iops,
            Throughput = throughput,
            InitializationRate = request.InitializationRate,
            AvailabilityZone = request.AvailabilityZone,
            SnapshotId = snapshot?.Id,
            Encrypted = encryption.Encrypted,
            KmsKeyArn = encryption.KeyArn,
            MultiAttach = request.MultiAttach,
            CreateTime = now,
            State = "creating",
            // AWS validates the key after it has answered: such a volume is announced and then vanishes.
            Next = new Transition(encryption.KeyUsable && !IsToFail() ? "available" : RegionSettler.Gone, now + options.Delays.VolumeCreate),
            ProductCodes = [.. request.ProductCodes.Union(snapshot?.ProductCodes ?? [])],
            LineageSnapshotId = snapshot?.Id,
        };
        var content = request switch
        {
            { Synthetic: { } spec } => VolumeContent.Synthetic(spec),
            { File: { } file } => VolumeContent.FromFile(file),
            _ => snapshot is null ? VolumeContent.Empty : VolumeContent.FromSnapshot(snapshot.Id),
        };
        return new VolumePlan(record, content);
    }

    public void CheckQuota(Region region, int additional)
    {
        if (region.State.Volumes.Count + additional > options.Quotas.Volumes)
        {
            throw Ec2Errors.Create("VolumeLimitExceeded", $"You have reached the limit of {options.Quotas.Volumes} volumes in this region.");
        }
    }

    /// <summary>Makes a volume with the bytes that another has now.</summary>
    public async Task CopyAsync(Region region, string sourceId, VolumeRecord copy, CancellationToken cancellationToken)
    {
        // A snapshot that nobody sees: consistent while the source is written.
        var passing = region.NextId("snap").Id;
        await blocks.CreateSnapshotAsync(region.Name, passing, sourceId, null, cancellationToken).ConfigureAwait(false);
        await CreateAsync(region, new VolumePlan(copy, VolumeContent.FromSnapshot(passing)), cancellationToken).ConfigureAwait(false);
        await blocks.DeleteSnapshotAsync(region.Name, passing, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the bytes and the record of a planned volume.</summary>
    public async Task CreateAsync(Region region, VolumePlan plan, CancellationToken cancellationToken)
    {
        await blocks.CreateVolumeAsync(region.Name, plan.Record.Id, plan.Record.SizeGiB * BytesPerGiB, plan.Content, cancellationToken).ConfigureAwait(false);
        region.State.Volumes[plan.Record.Id] = plan.Record;
    }

    private bool IsToFail() =>
        options.Faults.Take("ec2:CreateVolume", [], static kind => kind is FaultKind.FailedVolume or FaultKind.DisabledKey) is not null;
}
