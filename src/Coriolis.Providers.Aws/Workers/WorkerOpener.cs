using Coriolis.Worker.Protocol;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Makes launched workers readable: volumes attached, agent running, every disk found.</summary>
internal sealed class WorkerOpener(WorkerLauncher launcher, WorkerVolumes volumes, AwsSourceOptions options, TimeProvider timeProvider)
{
    private static readonly TimeSpan s_deviceTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Checks that a machine can be launched, without creating anything.</summary>
    public Task CheckAsync(SourceInstance source, CancellationToken cancellationToken)
    {
        AgentFiles.EnsureExist(options);
        return launcher.PlanAsync(source, cancellationToken);
    }

    /// <summary>Launches a machine. Types and subnets without capacity are passed over.</summary>
    public Task<LaunchedWorker> LaunchAsync(WorkerRun run, CancellationToken cancellationToken) => launcher.LaunchAsync(run, cancellationToken);

    /// <summary>Opens a machine that has just been launched.</summary>
    public async Task<OpenWorker> PrepareAsync(
        WorkerRun run, LaunchedWorker machine, IReadOnlyList<CapturedDisk> disks, CancellationToken cancellationToken)
    {
        var attached = await volumes.AttachAsync(run, machine, disks, cancellationToken).ConfigureAwait(false);
        return await OpenAsync(run, attached.Machine, attached.Volumes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts the agent anew on a machine that still runs, also after a reboot.</summary>
    /// <returns>Null when the machine runs no more.</returns>
    public async Task<OpenWorker?> RestartAsync(OpenWorker failed, CancellationToken cancellationToken)
    {
        var machine = await launcher.FindAsync(failed.Machine, cancellationToken).ConfigureAwait(false);
        return machine is null ? null : await OpenAsync(failed.Run, machine, failed.Volumes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives up a machine. What belongs to it is found by its tags when the capture is released.</summary>
    public Task DiscardAsync(LaunchedWorker machine) => launcher.DiscardAsync(machine);

    private async Task<OpenWorker> OpenAsync(
        WorkerRun run, LaunchedWorker machine, IReadOnlyDictionary<string, WorkerVolume> attached, CancellationToken cancellationToken)
    {
        var shell = await WorkerShell.ConnectAsync(machine, run, options.WorkerBootTimeout, timeProvider, cancellationToken).ConfigureAwait(false);
        var session = await WorkerSession.StartAsync(
            shell, run, AgentFiles.Find(options, machine.Architecture), token => launcher.FindAsync(machine, token), options, timeProvider, cancellationToken).ConfigureAwait(false);
        try
        {
            var devices = new Dictionary<string, WorkerDevice>(StringComparer.Ordinal);
            foreach (var (diskId, volume) in attached)
            {
                devices[diskId] = await FindAsync(session.Client, volume, cancellationToken).ConfigureAwait(false);
            }

            return new OpenWorker(run, machine, attached, session, devices);
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Finds a volume on the worker by its serial, on Xen by its name, and checks its size .</summary>
    private async Task<WorkerDevice> FindAsync(WorkerClient client, WorkerVolume volume, CancellationToken cancellationToken)
    {
        var serial = volume.Id.Replace("-", "", StringComparison.Ordinal);
        var name = Path.GetFileName(volume.DeviceName);
        var xenName = name.StartsWith("sd", StringComparison.Ordinal) ? $"xvd{name[2..]}" : name;
        var started = timeProvider.GetTimestamp();
        while (true)
        {
            var devices = await ListAsync(client, volume, cancellationToken).ConfigureAwait(false);
            var device = devices.FirstOrDefault(candidate => candidate.Serial == serial)
                ?? devices.FirstOrDefault(candidate => candidate.Serial.Length == 0 && candidate.Name == xenName);
            if (device is not null && device.SizeBytes == volume.SizeBytes)
            {
                return device;
            }

            if (timeProvider.GetElapsedTime(started) > s_deviceTimeout)
            {
                var found = devices.Count == 0 ? "no disk" : string.Join(", ", devices.Select(static d => $"{d.Name} ({d.Serial}, {d.SizeBytes} bytes)"));
                throw new SourceException($"The worker does not see the volume {volume.Id} of {volume.SizeBytes} bytes; it sees {found}.")
                {
                    ResourceId = volume.Id,
                    Remedy = "Run again, or set worker_instance_type to a type of the Nitro system.",
                    IsTransient = true,
                };
            }

            await Task.Delay(TimeSpan.FromMilliseconds(300), timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<IReadOnlyList<WorkerDevice>> ListAsync(WorkerClient client, WorkerVolume volume, CancellationToken cancellationToken)
    {
        try
        {
            return await client.ListDevicesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (WorkerErrors.IsOfAgent(error))
        {
            throw WorkerErrors.Translate(error, volume.Id);
        }
    }
}
