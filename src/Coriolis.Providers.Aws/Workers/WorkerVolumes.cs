using Amazon.EC2;
using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Makes volumes from snapshots in a worker's zone and attaches them.</summary>
internal sealed class WorkerVolumes(
    IAmazonEC2 ec2, AwsGateway gateway, InstancePower power, WorkerLauncher launcher, AwsSourceOptions options, TimeProvider timeProvider, Random random)
{
    private static readonly TimeSpan s_createTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Creates and attaches one volume for each snapshot.</summary>
    /// <returns>The volumes, and the worker as it is then.</returns>
    public async Task<AttachedVolumes> AttachAsync(
        WorkerRun run, LaunchedWorker worker, IReadOnlyList<CapturedDisk> disks, CancellationToken cancellationToken)
    {
        run.Report("attaching volumes to the worker");
        var created = new List<(CapturedDisk Disk, string VolumeId)>();
        foreach (var disk in disks)
        {
            created.Add((disk, await run.CreateAsync(
                $"volume/{disk.Disk.Id}", WorkerResources.Volume, () => CreateAsync(run, worker, disk, cancellationToken), cancellationToken)
                .ConfigureAwait(false)));
        }

        foreach (var (disk, id) in created)
        {
            await WaitAsync(run, id, disk.Disk, "available", s_createTimeout, static volume => volume.State == VolumeState.Available, cancellationToken)
                .ConfigureAwait(false);
        }

        var volumes = new Dictionary<string, WorkerVolume>(StringComparer.Ordinal);
        var isStopped = false;
        foreach (var ((disk, id), device) in created.Zip(FreeDevices(worker.Instance)))
        {
            if (!await TryAttachAsync(worker, id, device, cancellationToken).ConfigureAwait(false))
            {
                // a volume with Marketplace codes can be attached to a stopped instance only.
                run.Report("stopping the worker, because a volume has Marketplace product codes");
                await power.StopAsync(worker.Id, static () => Task.CompletedTask, null, cancellationToken).ConfigureAwait(false);
                isStopped = true;
                await AttachAsync(worker, id, device, cancellationToken).ConfigureAwait(false);
            }

            volumes[disk.Disk.Id] = new WorkerVolume(id, device, disk.Snapshot.SizeBytes);
        }

        foreach (var (disk, id) in created)
        {
            await WaitAsync(
                run,
                id,
                disk.Disk,
                "attached",
                options.WorkerAttachTimeout,
                volume => volume.Attachments?.Exists(a => a.InstanceId == worker.Id && a.State == VolumeAttachmentState.Attached) ?? false,
                cancellationToken).ConfigureAwait(false);
        }

        await DeleteWithWorkerAsync(worker, volumes.Values, cancellationToken).ConfigureAwait(false);
        if (isStopped)
        {
            await power.StartAsync(worker.Id, cancellationToken).ConfigureAwait(false);
            worker = await launcher.WaitAsync(run, worker, cancellationToken).ConfigureAwait(false);
        }

        return new AttachedVolumes(worker, volumes);
    }

    /// <summary>Names of the letters that EC2 recommends for data volumes and that the worker has not in use .</summary>
    private static IEnumerable<string> FreeDevices(Instance instance)
    {
        var used = (instance.BlockDeviceMappings ?? []).Select(static mapping => mapping.DeviceName).ToHashSet(StringComparer.Ordinal);
        var letters = Enumerable.Range('f', 'p' - 'f' + 1).Select(static letter => $"/dev/sd{(char)letter}");
        var pairs = Enumerable.Range('b', 'c' - 'b' + 1).SelectMany(static first => Enumerable.Range('a', 26).Select(second => $"/dev/xvd{(char)first}{(char)second}"));
        return letters.Concat(pairs).Where(name => !used.Contains(name));
    }

    private async Task<string> CreateAsync(WorkerRun run, LaunchedWorker worker, CapturedDisk disk, CancellationToken cancellationToken)
    {
        var request = new CreateVolumeRequest
        {
            ClientToken = run.Token($"volume/{disk.Disk.Id}"),
            AvailabilityZone = worker.AvailabilityZone,
            SnapshotId = disk.Snapshot.Id,
            VolumeType = VolumeType.Gp3,
            TagSpecifications = [run.Tags(Amazon.EC2.ResourceType.Volume, disk.Disk.Id)],
        };
        try
        {
            var response = await gateway.InvokeAsync(
                new AwsCall("ec2", "CreateVolume", disk.Snapshot.Id) { KmsKeyId = disk.Disk.KmsKeyId, Cancellable = false },
                token => ec2.CreateVolumeAsync(request, token),
                cancellationToken).ConfigureAwait(false);
            return response.Volume.VolumeId;
        }
        catch (CoriolisException error) when (error.ErrorCode == "IdempotentParameterMismatch")
        {
            // the first attempt was answered, and its volume has failed since.
            throw Vanished($"for {disk.Snapshot.Id}", disk.Disk, error);
        }
    }

    /// <returns>False when the worker has to be stopped for it.</returns>
    private async Task<bool> TryAttachAsync(LaunchedWorker worker, string volumeId, string device, CancellationToken cancellationToken)
    {
        try
        {
            await AttachAsync(worker, volumeId, device, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (CoriolisException error) when (error.ErrorCode == "IncorrectInstanceState")
        {
            return false;
        }
    }

    private async Task AttachAsync(LaunchedWorker worker, string volumeId, string device, CancellationToken cancellationToken)
    {
        try
        {
            await gateway.InvokeAsync(
                new AwsCall("ec2", "AttachVolume", volumeId) { NamesNew = true },
                token => ec2.AttachVolumeAsync(new AttachVolumeRequest { VolumeId = volumeId, InstanceId = worker.Id, Device = device }, token),
                cancellationToken).ConfigureAwait(false);
        }
        catch (CoriolisException error) when (error.ErrorCode == "VolumeInUse")
        {
            // Nobody else knows the volume: the answer to an earlier attempt was lost. The wait that follows looks where it is attached.
        }
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
            new AwsCall("ec2", "ModifyInstanceAttribute", worker.Id) { NamesNew = true }, token => ec2.ModifyInstanceAttributeAsync(request, token), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task WaitAsync(
        WorkerRun run, string volumeId, SourceDisk disk, string wanted, TimeSpan timeout, Func<Volume, bool> isReady, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        var backoff = new Backoff(TimeSpan.FromMilliseconds(300), options.PollInterval, timeProvider, random);
        var wasSeen = false;
        while (true)
        {
            var (volume, error) = await DescribeAsync(volumeId, cancellationToken).ConfigureAwait(false);
            if (volume is not null)
            {
                wasSeen = true;
                run.See(volumeId);
            }

            if (volume is not null && isReady(volume))
            {
                return;
            }

            var elapsed = timeProvider.GetElapsedTime(started);
            if (volume?.State == VolumeState.Error || (volume is null && (wasSeen || elapsed > AwsGateway.NotYet)))
            {
                throw Vanished(volumeId, disk, error);
            }

            if (volume is not null && elapsed > timeout)
            {
                if (disk.KmsKeyId is not null && volume.State == VolumeState.Available)
                {
                    // EC2 takes an attachment back, without a word, when its key may not be used for it.
                    throw KeyUnusable($"The volume {volumeId}, made from a snapshot of {disk.Id}, is not {wanted} after {timeout}", volumeId, disk.KmsKeyId, null);
                }

                var attachment = volume.Attachments?.FirstOrDefault() is { } found ? $", {found.State} on {found.InstanceId}" : "";
                throw new SourceException($"The volume {volumeId} is not {wanted} after {timeout}: it is {volume.State}{attachment}.")
                {
                    ResourceId = volumeId,
                    Remedy = "Run again: a new worker and new volumes are made.",
                    IsTransient = true,
                };
            }

            await backoff.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(Volume? Volume, CoriolisException? Error)> DescribeAsync(string volumeId, CancellationToken cancellationToken)
    {
        try
        {
            var response = await gateway.InvokeAsync(
                new AwsCall("ec2", "DescribeVolumes", volumeId),
                token => ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [volumeId] }, token),
                cancellationToken).ConfigureAwait(false);
            return (response.Volumes?.FirstOrDefault(), null);
        }
        catch (CoriolisException error) when (AwsErrors.IsNotFound(error))
        {
            return (null, error);
        }
    }

    // a key that may not be used makes a volume disappear some time after it was created.
    private static SourceException Vanished(string volume, SourceDisk disk, Exception? error)
    {
        var problem = $"The volume {volume}, made from a snapshot of {disk.Id}, has vanished or failed";
        return disk.KmsKeyId is { } key
            ? KeyUnusable(problem, volume, key, error)
            : new SourceException($"{problem}.", error) { ResourceId = volume, Remedy = "Run again." };
    }

    private static SourceException KeyUnusable(string problem, string volume, string key, Exception? error) =>
        new($"{problem}: usually its key {key} cannot be used.", error)
        {
            ResourceId = volume,
            Remedy = $"Allow kms:CreateGrant, kms:Decrypt, kms:DescribeKey and kms:GenerateDataKeyWithoutPlaintext on {key}, and enable it.",
        };
}
