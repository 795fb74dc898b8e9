using Coriolis.Worker.Protocol;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Opens captured disks through workers.</summary>
internal sealed class WorkerReader(
    WorkerLauncher launcher, WorkerVolumes volumes, InstanceTypeCatalog types, AwsSourceOptions options, TimeProvider timeProvider)
{
    // what a type holds without a figure of its own: the Nitro limit, less root, interface and one to spare.
    private const int DefaultRoom = 25;

    private static readonly TimeSpan s_deviceTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Launches as many workers as the disks need and opens a source for each disk.</summary>
    /// <param name="state">Receives the sessions as they are opened, to be closed when the capture is released.</param>
    /// <param name="instance">The captured instance.</param>
    /// <param name="disks">The disks with their snapshots.</param>
    /// <param name="cancellationToken">Cancels the opening; what exists by then is released with the capture.</param>
    public async Task<IReadOnlyList<IBlockSource>> OpenAsync(
        CaptureState state, SourceInstance instance, IReadOnlyList<(SourceDisk Disk, VolumeSnapshot Snapshot)> disks, CancellationToken cancellationToken)
    {
        var type = await types.GetAsync(options.WorkerInstanceType, cancellationToken).ConfigureAwait(false);
        var room = Math.Clamp((type.EbsInfo?.MaximumEbsAttachments ?? DefaultRoom + 3) - 3, 1, DefaultRoom);
        var sources = new List<IBlockSource>();
        foreach (var share in disks.Chunk(room))
        {
            var run = new WorkerRun(instance, state.Request, options, timeProvider);
            state.WorkersRequested = true;
            var worker = await launcher.LaunchAsync(run, cancellationToken).ConfigureAwait(false);
            var attached = await volumes.AttachAsync(run, worker, share, cancellationToken).ConfigureAwait(false);
            var shell = await WorkerShell.ConnectAsync(worker, run, options.WorkerBootTimeout, timeProvider, cancellationToken).ConfigureAwait(false);
            var session = await WorkerSession.StartAsync(shell, run, AgentFiles.Find(options, worker.Architecture), options, timeProvider, cancellationToken).ConfigureAwait(false);
            state.AddSession(session);
            foreach (var ((disk, snapshot), volume) in share.Zip(attached))
            {
                var device = await FindAsync(session.Client, volume, snapshot.SizeBytes, cancellationToken).ConfigureAwait(false);
                sources.Add(new WorkerBlockSource(
                    session.Client, device, disk with { SizeBytes = snapshot.SizeBytes }, snapshot.Id, state.Request.ChunkSize));
            }
        }

        return sources;
    }

    /// <summary>Finds a volume on the worker by its serial, on Xen by its name, and checks its size .</summary>
    private async Task<WorkerDevice> FindAsync(WorkerClient client, WorkerVolume volume, long size, CancellationToken cancellationToken)
    {
        var serial = volume.Id.Replace("-", "", StringComparison.Ordinal);
        var name = Path.GetFileName(volume.DeviceName);
        var xenName = name.StartsWith("sd", StringComparison.Ordinal) ? $"xvd{name[2..]}" : name;
        var started = timeProvider.GetTimestamp();
        while (true)
        {
            var devices = await client.ListDevicesAsync(cancellationToken).ConfigureAwait(false);
            var device = devices.FirstOrDefault(candidate => candidate.Serial == serial)
                ?? devices.FirstOrDefault(candidate => candidate.Serial.Length == 0 && candidate.Name == xenName);
            if (device is not null && device.SizeBytes == size)
            {
                return device;
            }

            if (timeProvider.GetElapsedTime(started) > s_deviceTimeout)
            {
                var found = devices.Count == 0 ? "no disk" : string.Join(", ", devices.Select(static d => $"{d.Name} ({d.Serial}, {d.SizeBytes} bytes)"));
                throw new SourceException($"The worker does not see the volume {volume.Id} of {size} bytes; it sees {found}.")
                {
                    ResourceId = volume.Id,
                    Remedy = "Run again, or set worker_instance_type to a type of the Nitro system.",
                    IsTransient = true,
                };
            }

            await Task.Delay(TimeSpan.FromMilliseconds(300), timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }
}
