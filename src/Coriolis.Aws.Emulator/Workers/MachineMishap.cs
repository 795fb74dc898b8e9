using Coriolis.Aws.Emulator.Ec2;
using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>A fault that happens to a machine in the middle of its work: once it has read so much of its volumes.</summary>
internal static class MachineMishap
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    public static async Task HappenAsync(
        WorkerHost host, Region region, string instanceId, HostedMachine hosted, MachineFault fault, TimeProvider timeProvider)
    {
        try
        {
            // What a device has been read is real, so this goes by real time, whatever the emulator's clock says.
            using var looks = new PeriodicTimer(s_look, TimeProvider.System);
            while (!hosted.IsDisposed && hosted.BytesRead < Math.Max(fault.AfterBytes, 1))
            {
                await looks.WaitForNextTickAsync().ConfigureAwait(false);
            }

            if (hosted.IsDisposed) return;
            if (fault.Kind == FaultKind.ConnectionReset)
            {
                await hosted.Machine.RunAsync(BootScript.ResetConnections).ConfigureAwait(false);
                return;
            }

            await region.ExclusiveAsync(
                async () =>
                {
                    if (!region.State.Instances.TryGetValue(instanceId, out var instance)) return false;
                    if (fault.IsOfDisk) await DamageAsync(region, instance, hosted, fault, timeProvider).ConfigureAwait(false);
                    else region.State.Instances[instanceId] = After(instance, fault, timeProvider);
                    await host.ReconcileAsync(region, timeProvider.GetUtcNow()).ConfigureAwait(false);
                    await region.SaveAsync(CancellationToken.None).ConfigureAwait(false);
                    return true;
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The machine, or the emulator, ended before.
        }
    }

    private static async Task DamageAsync(Region region, InstanceRecord instance, HostedMachine hosted, MachineFault fault, TimeProvider timeProvider)
    {
        if (WorkerHost.LastVolume(region, instance) is not { } volume) return;
        if (fault.Kind != FaultKind.LostDisk)
        {
            await hosted.CutAsync(volume.Id, volume.SizeGiB * (1L << 30) / 2, tell: fault.Kind == FaultKind.ShrunkenDisk).ConfigureAwait(false);
            return;
        }

        // The kernel gives a disk that was taken from it no size until the last who has it open lets go.
        await hosted.CutAsync(volume.Id, 0, tell: true).ConfigureAwait(false);
        region.State.Volumes[volume.Id] = volume with
        {
            State = "deleting",
            Attachments = [],
            Next = new Transition(RegionSettler.Gone, timeProvider.GetUtcNow()),
        };
    }

    private static InstanceRecord After(InstanceRecord instance, MachineFault fault, TimeProvider timeProvider) => fault.Kind == FaultKind.MachineReboot
        ? instance with { Boots = instance.Boots + 1 }
        : instance with
        {
            State = InstanceStates.ShuttingDown,
            Next = new Transition(InstanceStates.Terminated, timeProvider.GetUtcNow()),
            StateReasonCode = "Server.InternalError",
            StateReason = "Server.InternalError: Internal error",
        };
}
