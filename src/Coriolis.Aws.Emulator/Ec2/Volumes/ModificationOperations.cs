using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>Grows volumes and changes their type and performance. The new size can be used at once, as in AWS from <c>optimizing</c> on.</summary>
internal sealed class ModificationOperations(EmulatorDelays delays, BlockStore blocks)
{
    private const long BytesPerGiB = 1L << 30;

    // The EBS user guide: a volume can be modified again after six hours.
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(6);

    public async Task ModifyAsync(Ec2Call call, CancellationToken cancellationToken)
    {
        var volume = ResourceKind.Volume.Find(call.State.Volumes, call.Parameters.Required("VolumeId"));
        CheckState(volume, call.Now);
        var modified = Plan(call, volume);
        if (modified.SizeGiB > volume.SizeGiB)
        {
            await blocks.ResizeVolumeAsync(call.Region.Name, volume.Id, modified.SizeGiB * BytesPerGiB, cancellationToken).ConfigureAwait(false);
        }

        call.State.Volumes[volume.Id] = modified;
        call.Response.Add("volumeModification", () => ModificationXml.Write(call.Response, modified, call.Now));
    }

    private static void CheckState(VolumeRecord volume, DateTimeOffset now)
    {
        if (volume.State is not ("available" or "in-use")) throw Ec2Errors.IncorrectState($"The volume '{volume.Id}' is in the state '{volume.State}'.");
        if (volume.Modification is not { } last) return;
        if (last.EndTime > now)
        {
            throw Ec2Errors.Create("IncorrectModificationState", $"Volume {volume.Id} is currently being modified; wait until the modification is over.");
        }

        if (last.StartTime + s_interval > now)
        {
            throw Ec2Errors.Create(
                "VolumeModificationRateExceeded",
                $"You've reached the maximum modification rate per volume limit for {volume.Id}. Wait at least 6 hours between modifications per EBS volume.");
        }
    }

    private VolumeRecord Plan(Ec2Call call, VolumeRecord volume)
    {
        var type = call.Parameters.Text("VolumeType") ?? volume.VolumeType;
        var size = call.Parameters.Integer("Size") ?? volume.SizeGiB;
        if (size < volume.SizeGiB) throw Ec2Errors.InvalidValue("New size cannot be smaller than existing size");
        var sameType = type == volume.VolumeType;
        // gp2 gets its performance from its size; the other types keep what they have.
        var (iops, throughput) = VolumeTypes.Check(
            type,
            size,
            call.Parameters.Integer("Iops") ?? (sameType && type != "gp2" ? volume.Iops : null),
            call.Parameters.Integer("Throughput") ?? (sameType ? volume.Throughput : null));
        var multiAttach = call.Parameters.Boolean("MultiAttachEnabled") ?? volume.MultiAttach;
        if (multiAttach) VolumeTypes.CheckMultiAttach(type);
        return volume with
        {
            SizeGiB = size,
            VolumeType = type,
            Iops = iops,
            Throughput = throughput,
            MultiAttach = multiAttach,
            Modification = new VolumeModification
            {
                StartTime = call.Now,
                EndTime = call.Now + delays.VolumeModify,
                OriginalSizeGiB = volume.SizeGiB,
                OriginalType = volume.VolumeType,
                OriginalIops = volume.Iops,
                OriginalThroughput = volume.Throughput,
                OriginalMultiAttach = volume.MultiAttach,
            },
        };
    }
}
