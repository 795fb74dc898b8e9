using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ec2.Snapshots;

/// <summary>DeleteSnapshot.</summary>
internal sealed class SnapshotDeletion(BlockStore blocks)
{
    public async Task DeleteAsync(Ec2Call call, CancellationToken cancellationToken)
    {
        var snapshot = ResourceKind.Snapshot.Find(call.State.Snapshots, call.Parameters.Required("SnapshotId"));
        var image = call.State.Images.Values.FirstOrDefault(image => image.Devices.Any(device => device.SnapshotId == snapshot.Id));
        if (image is not null)
        {
            throw Ec2Errors.Create("InvalidSnapshot.InUse", $"The snapshot {snapshot.Id} is currently in use by {image.Id}");
        }

        call.State.Snapshots.TryRemove(snapshot.Id, out _);
        await blocks.DeleteSnapshotAsync(call.Region.Name, snapshot.Id, cancellationToken).ConfigureAwait(false);
        call.Response.AddSuccess();
    }
}
