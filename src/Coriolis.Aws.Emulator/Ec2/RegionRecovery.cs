using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ec2;

/// <summary>
/// Makes the records of a region and its bytes agree after the emulator was killed within a call. Bytes are made before their record is
/// saved and deleted before it is removed, so bytes without a record are of a creation that was never answered, and a record
/// without bytes is of a deletion that had begun.
/// </summary>
internal sealed class RegionRecovery(BlockStore blocks)
{
    private const long BytesPerGiB = 1L << 30;

    public async Task RecoverAsync(Region region, CancellationToken cancellationToken)
    {
        await RecoverVolumesAsync(region, cancellationToken).ConfigureAwait(false);
        await RecoverSnapshotsAsync(region, cancellationToken).ConfigureAwait(false);
    }

    private async Task RecoverVolumesAsync(Region region, CancellationToken cancellationToken)
    {
        var volumes = region.State.Volumes;
        foreach (var id in blocks.FindVolumes(region.Name).Where(id => !volumes.ContainsKey(id)))
        {
            await blocks.DeleteVolumeAsync(region.Name, id, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (id, volume) in volumes)
        {
            if (blocks.FindVolumeSize(region.Name, id) is { } size)
            {
                // A modification grows the bytes first.
                volumes[id] = volume with { SizeGiB = (int)(size / BytesPerGiB) };
            }
            else
            {
                volumes.TryRemove(id, out _);
            }
        }
    }

    private async Task RecoverSnapshotsAsync(Region region, CancellationToken cancellationToken)
    {
        var snapshots = region.State.Snapshots;
        var stored = blocks.FindSnapshots(region.Name);
        foreach (var id in stored.Keys.Where(id => !snapshots.ContainsKey(id)))
        {
            await blocks.DeleteSnapshotAsync(region.Name, id, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (id, snapshot) in snapshots)
        {
            if (!stored.TryGetValue(id, out var complete))
            {
                snapshots.TryRemove(id, out _);
            }
            else if (complete && snapshot is { State: "pending", Next.To: "error", WriteTimeout: not null })
            {
                // CompleteSnapshot had sealed the bytes and not yet said so.
                snapshots[id] = snapshot with { State = "completed", Next = null, CompletionTime = snapshot.StartTime };
            }
        }
    }
}
