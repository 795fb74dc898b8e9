using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.Ec2.InstanceTypes;
using Coriolis.Aws.Emulator.Metadata;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;
using Microsoft.Extensions.Logging;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>Gives instances that are to be real a machine on this host, and keeps the machines in step with the records.</summary>
/// <remarks>
/// It compares what a region's records say with what there is and makes up the difference, so it needs no hooks in the operations and
/// finds the way back after a restart. Called under the region's lock.
/// </remarks>
internal sealed class WorkerHost(bool enabled, EmulatorDelays delays, BlockStore blocks, TimeProvider timeProvider, ILogger logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Region, string InstanceId), HostedMachine> _machines = [];

    /// <summary>Whether instances of the image become real: Linux for this host's processors, with a root disk that the emulator makes up.</summary>
    public static bool CanHost(ImageRecord image) => image is { BuiltIn: true, RootFile: null, Platform: null }
        && image.Architecture == (RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x86_64");

    /// <summary>What an instance printed; null for one without a machine.</summary>
    public string? ConsoleOutput(Region region, string instanceId) =>
        _machines.TryGetValue((region.Name, instanceId), out var hosted) ? hosted.Machine.ConsoleOutput : null;

    /// <summary>Makes the records say what the machines did by themselves: power off.</summary>
    public bool Observe(Region region, DateTimeOffset now)
    {
        var changed = false;
        foreach (var ((_, id), hosted) in _machines.Where(pair => pair.Key.Region == region.Name))
        {
            if (hosted.Machine.PowerOffAt > now || !region.State.Instances.TryGetValue(id, out var instance)) continue;
            if (instance.State != InstanceStates.Running) continue;
            var (state, end) = instance.ShutdownBehavior == "terminate"
                ? (InstanceStates.ShuttingDown, InstanceStates.Terminated)
                : (InstanceStates.Stopping, InstanceStates.Stopped);
            region.State.Instances[id] = instance with
            {
                State = state,
                Next = new Transition(end, now + delays.InstanceStop),
                StateReasonCode = "Client.InstanceInitiatedShutdown",
                StateReason = "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
            };
            changed = true;
        }

        return changed;
    }

    /// <summary>Starts and ends machines, attaches and detaches disks, until they are as the records say.</summary>
    public async Task<bool> ReconcileAsync(Region region, DateTimeOffset now)
    {
        var changed = false;
        if (!enabled) return changed;
        foreach (var key in _machines.Keys.Where(key => key.Region == region.Name))
        {
            if (region.State.Instances.TryGetValue(key.InstanceId, out var instance) && IsOn(instance)) continue;
            if (_machines.TryRemove(key, out var ended)) await ended.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var instance in region.State.Instances.Values.Where(static instance => instance.Hosted && IsOn(instance)))
        {
            try
            {
                changed |= await ReconcileAsync(region, instance, now).ConfigureAwait(false);
            }
            catch (IOException error)
            {
                logger.MachineFailed(instance.Id, error);
                region.State.Instances[instance.Id] = instance with
                {
                    State = InstanceStates.ShuttingDown,
                    Next = new Transition(InstanceStates.Terminated, now),
                    StateReasonCode = "Server.InternalError",
                    StateReason = $"Server.InternalError: {error.Message}",
                };
                changed = true;
            }
        }

        return changed;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var machine in _machines.Values)
        {
            await machine.DisposeAsync().ConfigureAwait(false);
        }

        _machines.Clear();
    }

    private static bool IsOn(InstanceRecord instance) => instance.State is InstanceStates.Pending or InstanceStates.Running;

    /// <returns>Whether the records changed too.</returns>
    private async Task<bool> ReconcileAsync(Region region, InstanceRecord instance, DateTimeOffset now)
    {
        var isNew = !_machines.TryGetValue((region.Name, instance.Id), out var hosted);
        if (hosted is null)
        {
            var metadata = new MetadataService(region, instance.Id, timeProvider);
            hosted = await HostedMachine.StartAsync(PrimaryNic(region, instance).MacAddress, metadata, timeProvider).ConfigureAwait(false);
            _machines[(region.Name, instance.Id)] = hosted;
            instance = Address(region, instance, hosted.Machine.Network.Address.ToString());
            Boot(region, instance, hosted, now);
        }
        else if (hosted.Boots != instance.Boots)
        {
            await hosted.ShutDownAsync().ConfigureAwait(false);
            Boot(region, instance, hosted, now);
        }

        // A kernel numbers NVMe disks as it finds them, and after a reboot in another order.
        var wanted = region.State.Volumes.Values.Where(volume => IsAttached(volume, instance)).OrderBy(static volume => volume.Id, StringComparer.Ordinal).ToList();
        if (instance.Boots % 2 == 1) wanted.Reverse();
        foreach (var gone in hosted.VolumeIds.Except(wanted.Select(static volume => volume.Id)).ToList())
        {
            await hosted.DetachAsync(gone).ConfigureAwait(false);
        }

        foreach (var volume in wanted.Where(volume => !hosted.VolumeIds.Contains(volume.Id)))
        {
            var names = InstanceTypeTable.All[instance.InstanceType].Family.Nitro
                ? DeviceNames.Nvme(hosted.NextController(), volume.Id)
                : DeviceNames.Xen(volume.Attachments.First(attachment => attachment.InstanceId == instance.Id).Device);
            await hosted.AttachAsync(volume.Id, blocks.GetVolumePath(region.Name, volume.Id), names).ConfigureAwait(false);
        }

        return isNew;
    }

    /// <summary>The last of an instance's volumes but its root, by device name.</summary>
    public static VolumeRecord? LastVolume(Region region, InstanceRecord instance) => region.State.Volumes.Values
        .Where(volume => IsAttached(volume, instance))
        .MaxBy(volume => volume.Attachments.First(attachment => attachment.InstanceId == instance.Id).Device, StringComparer.Ordinal);

    private static bool IsAttached(VolumeRecord volume, InstanceRecord instance) => volume.Attachments.Any(attachment =>
        attachment.InstanceId == instance.Id && attachment.Device != instance.RootDeviceName
        && (attachment.State == "attached" || attachment is { State: "attaching", Next.To: "attached" }));

    private static NetworkInterfaceRecord PrimaryNic(Region region, InstanceRecord instance) =>
        region.State.NetworkInterfaces.Values.First(nic => nic.InstanceId == instance.Id && nic.DeviceIndex == 0);

    /// <summary>The address that reaches the machine takes the place of the public one, or of the private one where there is no public one.</summary>
    private static InstanceRecord Address(Region region, InstanceRecord instance, string address)
    {
        var nic = PrimaryNic(region, instance);
        if (nic.PublicIp is not null)
        {
            region.State.NetworkInterfaces[nic.Id] = nic with { PublicIp = address };
            return instance;
        }

        region.State.NetworkInterfaces[nic.Id] = nic with { PrivateIp = address };
        return region.State.Instances[instance.Id] = instance with { PrivateIp = address };
    }

    /// <summary>Begins to boot. Like in EC2 an instance runs long before its services do.</summary>
    private void Boot(Region region, InstanceRecord instance, HostedMachine hosted, DateTimeOffset now)
    {
        hosted.Boots = instance.Boots;
        var config = CloudConfig.Parse(instance.UserData);
        var key = region.State.KeyPairs.Values.FirstOrDefault(pair => pair.Name == instance.KeyName);
        hosted.Machine.PowerOffAt = config.PowerOffAfter is { } delay ? now + delay : DateTimeOffset.MaxValue;
        if (instance.Fault?.Kind == FaultKind.NoBoot) return;
        if (instance.Fault?.Kind == FaultKind.SlowDisk) hosted.SlowDown(instance.Fault.BytesPerSecond);
        _ = BootAsync(hosted, CloudInit.Commands(instance, config, key, hosted.Machine.Network.Address.ToString(), now), instance.Id);
        if (instance is { Boots: 0, Fault: { HappensLater: true } fault })
        {
            _ = MachineMishap.HappenAsync(this, region, instance.Id, hosted, fault, timeProvider);
        }
    }

    private async Task BootAsync(HostedMachine hosted, string commands, string instanceId)
    {
        try
        {
            await hosted.Machine.RunAsync(commands).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            logger.MachineFailed(instanceId, error);
        }
    }
}
