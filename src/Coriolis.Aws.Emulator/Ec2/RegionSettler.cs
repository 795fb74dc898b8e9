using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;
using Coriolis.Aws.Emulator.Workers;

namespace Coriolis.Aws.Emulator.Ec2;

/// <summary>Carries out what has become due in a region: the ends of transitions and what follows from them.</summary>
/// <remarks>Called first in every call under the region's lock, so nothing needs a timer and a virtual clock needs no driver.</remarks>
internal sealed class RegionSettler(BlockStore blocks, WorkerHost workers)
{
    /// <summary>The state of a volume or snapshot whose record disappears.</summary>
    public const string Gone = "gone";

    // The EC2 user guide: terminated instances stay visible for a short while, usually less than an hour.
    private static readonly TimeSpan s_terminatedVisibility = TimeSpan.FromMinutes(55);

    public async Task SettleAsync(Region region, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var changed = workers.Observe(region, now);
        foreach (var volume in region.State.Volumes.Values)
        {
            changed |= await SettleVolumeAsync(region, volume, now, cancellationToken).ConfigureAwait(false);
        }

        foreach (var snapshot in region.State.Snapshots.Values)
        {
            var settled = snapshot.At(now);
            if (ReferenceEquals(settled, snapshot)) continue;
            region.State.Snapshots[snapshot.Id] = settled;
            changed = true;
        }

        foreach (var instance in region.State.Instances.Values)
        {
            changed |= await SettleInstanceAsync(region, instance, now, cancellationToken).ConfigureAwait(false);
        }

        changed |= await workers.ReconcileAsync(region, now).ConfigureAwait(false);
        if (changed) await region.SaveAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> SettleVolumeAsync(Region region, VolumeRecord volume, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var settled = volume;
        if (settled.Next is { } next && next.At <= now)
        {
            if (next.To == Gone)
            {
                await RemoveVolumeAsync(region, volume.Id, cancellationToken).ConfigureAwait(false);
                return true;
            }

            settled = settled with { State = next.To, Next = null };
        }

        if (settled.Attachments.Any(attachment => attachment.Next?.At <= now))
        {
            settled = settled with
            {
                Attachments =
                [
                    .. settled.Attachments
                        .Select(attachment => attachment.Next?.At <= now ? attachment with { State = attachment.Next.To, Next = null } : attachment)
                        .Where(static attachment => attachment.State != "detached"),
                ],
            };
            if (settled.Attachments.Count == 0) settled = settled with { State = "available" };
        }

        if (ReferenceEquals(settled, volume)) return false;
        region.State.Volumes[volume.Id] = settled;
        return true;
    }

    private async Task<bool> SettleInstanceAsync(Region region, InstanceRecord instance, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var changed = false;
        if (instance.Next is { } next && next.At <= now)
        {
            instance = instance with { State = next.To, Next = null, TerminatedAt = next.To == "terminated" ? next.At : null };
            region.State.Instances[instance.Id] = instance;
            if (instance.State == "stopped") AddressPool.ReleasePublicIps(region, instance.Id);
            if (instance.State == "terminated") await ReleaseAsync(region, instance, cancellationToken).ConfigureAwait(false);
            changed = true;
        }

        if (instance.TerminatedAt + s_terminatedVisibility <= now)
        {
            region.State.Instances.TryRemove(instance.Id, out _);
            changed = true;
        }

        return changed;
    }

    /// <summary>Lets go of what a terminated instance held.</summary>
    private async Task ReleaseAsync(Region region, InstanceRecord instance, CancellationToken cancellationToken)
    {
        foreach (var volume in region.State.Volumes.Values)
        {
            if (volume.Attachments.FirstOrDefault(attachment => attachment.InstanceId == instance.Id) is not { } attachment) continue;
            if (attachment.DeleteOnTermination)
            {
                await RemoveVolumeAsync(region, volume.Id, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var left = volume.Attachments.Where(other => other != attachment).ToList();
            region.State.Volumes[volume.Id] = volume with { Attachments = left, State = left.Count == 0 ? "available" : volume.State };
        }

        foreach (var nic in region.State.NetworkInterfaces.Values.Where(nic => nic.InstanceId == instance.Id))
        {
            region.State.NetworkInterfaces.TryRemove(nic.Id, out _);
        }
    }

    private async Task RemoveVolumeAsync(Region region, string volumeId, CancellationToken cancellationToken)
    {
        region.State.Volumes.TryRemove(volumeId, out _);
        await blocks.DeleteVolumeAsync(region.Name, volumeId, cancellationToken).ConfigureAwait(false);
    }
}
