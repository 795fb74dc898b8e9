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
                    if (region.State.Instances.TryGetValue(instanceId, out var instance)) region.State.Instances[instanceId] = After(instance, fault, timeProvider);
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
