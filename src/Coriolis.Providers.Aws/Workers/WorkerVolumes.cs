using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Makes volumes from snapshots in a worker's zone and attaches them.</summary>
internal sealed class WorkerVolumes(IAmazonEC2 ec2, AwsGateway gateway, AwsSourceOptions options, TimeProvider timeProvider, Random random)
{
    private static readonly TimeSpan s_attachTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Creates and attaches one volume for each snapshot.</summary>
    /// <returns>The volumes with their device names, in the order of the disks.</returns>
    public async Task<IReadOnlyList<WorkerVolume>> AttachAsync(
        WorkerRun run, LaunchedWorker worker, IReadOnlyList<(SourceDisk Disk, VolumeSnapshot Snapshot)> disks, CancellationToken cancellationToken)
    {
        run.Report("attaching volumes to the worker");
        var created = new List<string>();
        foreach (var (disk, snapshot) in disks)
        {
            created.Add(await run.CreateAsync(
                $"volume/{disk.Id}", WorkerResources.Volume, () => CreateAsync(run, worker, disk, snapshot, cancellationToken), cancellationToken)
                .ConfigureAwait(false));
        }

        foreach (var id in created)
        {
            await WaitAsync(id, "available", static volume => volume.State == VolumeState.Available, cancellationToken).ConfigureAwait(false);
        }

        var volumes = new List<WorkerVolume>();
        foreach (var (id, device) in created.Zip(FreeDevices(worker.Instance)))
        {
            await gateway.InvokeAsync(
                new AwsCall("ec2", "AttachVolume", id) { Repeatable = false },
                token => ec2.AttachVolumeAsync(new AttachVolumeRequest { VolumeId = id, InstanceId = worker.Id, Device = device }, token),
                cancellationToken).ConfigureAwait(false);
            volumes.Add(new WorkerVolume(id, device));
        }

        foreach (var (id, _) in volumes)
        {
            await WaitAsync(
                id,
                "attached",
                volume => volume.Attachments?.Exists(a => a.InstanceId == worker.Id && a.State == VolumeAttachmentState.Attached) ?? false,
                cancellationToken).ConfigureAwait(false);
        }

        await DeleteWithWorkerAsync(worker, volumes, cancellationToken).ConfigureAwait(false);
        return volumes;
    }

    /// <summary>Names of the letters that EC2 recommends for data volumes and that the worker has not in use .</summary>
    private static IEnumerable<string> FreeDevices(Instance instance)
    {
        var used = (instance.BlockDeviceMappings ?? []).Select(static mapping => mapping.DeviceName).ToHashSet(StringComparer.Ordinal);
        var letters = Enumerable.Range('f', 'p' - 'f' + 1).Select(static letter => $"/dev/sd{(char)letter}");
        var pairs = Enumerable.Range('b', 'c' - 'b' + 1).SelectMany(static first => Enumerable.Range('a', 26).Select(second => $"/dev/xvd{(char)first}{(char)second}"));
        return letters.Concat(pairs).Where(name => !used.Contains(name));
    }

    private async Task<string> CreateAsync(
        WorkerRun run, LaunchedWorker worker, SourceDisk disk, VolumeSnapshot snapshot, CancellationToken cancellationToken)
    {
        var request = new CreateVolumeRequest
        {
            ClientToken = run.Token($"volume/{disk.Id}"),
            AvailabilityZone = worker.AvailabilityZone,
            SnapshotId = snapshot.Id,
            VolumeType = VolumeType.Gp3,
            TagSpecifications = [run.Tags(Amazon.EC2.ResourceType.Volume, disk.Id)],
        };
        var response = await gateway.InvokeAsync(
            new AwsCall("ec2", "CreateVolume", snapshot.Id) { KmsKeyId = disk.KmsKeyId, Cancellable = false },
            token => ec2.CreateVolumeAsync(request, token),
            cancellationToken).ConfigureAwait(false);
        return response.Volume.VolumeId;
    }

    private async Task DeleteWithWorkerAsync(LaunchedWorker worker, IEnumerable<WorkerVolume> volumes, CancellationToken cancellationToken)
    {
        var request = new ModifyInstanceAttributeRequest
        {
            InstanceId = worker.Id,
            BlockDeviceMappings =
            [
                .. volumes.Select(static volume => new InstanceBlockDeviceMappingSpecification
                {
                    DeviceName = volume.DeviceName,
                    Ebs = new EbsInstanceBlockDeviceSpecification { DeleteOnTermination = true },
                }),
            ],
        };
        await gateway.InvokeAsync(
            new AwsCall("ec2", "ModifyInstanceAttribute", worker.Id), token => ec2.ModifyInstanceAttributeAsync(request, token), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task WaitAsync(string volumeId, string wanted, Func<Volume, bool> isReady, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var backoff = new Backoff(TimeSpan.FromMilliseconds(300), options.PollInterval, timeProvider, random);
        while (true)
        {
            var volume = await DescribeAsync(volumeId, cancellationToken).ConfigureAwait(false);
            if (isReady(volume))
            {
                return;
            }

            if (volume.State == VolumeState.Error)
            {
                throw Vanished(volumeId, null);
            }

            if (timeProvider.GetElapsedTime(started) > s_attachTimeout)
            {
                throw new SourceException($"The volume {volumeId} is not {wanted} after {s_attachTimeout}: it is {volume.State}.")
                {
                    ResourceId = volumeId,
                    Remedy = "Run again: a new worker and new volumes are made.",
                    IsTransient = true,
                };
            }

            await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Volume> DescribeAsync(string volumeId, CancellationToken cancellationToken)
    {
        try
        {
            var response = await gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeVolumes", volumeId),
                token => ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [volumeId] }, token),
                cancellationToken).ConfigureAwait(false);
            return response.Volumes?.FirstOrDefault() ?? throw Vanished(volumeId, null);
        }
        catch (CoriolisException error) when (AwsErrors.IsNotFound(error))
        {
            throw Vanished(volumeId, error);
        }
    }

    // a key that may not be used makes a volume disappear some time after it was created.
    private static SourceException Vanished(string volumeId, Exception? error) =>
        new($"The volume {volumeId}, made from a snapshot, has vanished or failed: usually its key cannot be used.", error)
        {
            ResourceId = volumeId,
            Remedy = "Allow kms:CreateGrant, kms:Decrypt and kms:GenerateDataKeyWithoutPlaintext on the key, and enable it.",
        };
}
