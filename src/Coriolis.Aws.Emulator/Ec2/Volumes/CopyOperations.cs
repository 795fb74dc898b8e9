using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>CopyVolumes: a volume with the same bytes in the same zone.</summary>
internal sealed class CopyOperations(VolumeFactory factory)
{
    public async Task CopyAsync(Ec2Call call, CancellationToken cancellationToken)
    {
        if (ClientTokens.FindPrevious(call, call.State.Volumes.GetValueOrDefault, VolumeOperations.TokenOfGoneVolume) is { } previous)
        {
            Write(call, previous);
            return;
        }

        var source = ResourceKind.Volume.Find(call.State.Volumes, call.Parameters.Required("SourceVolumeId"));
        if (source.State is not ("available" or "in-use")) throw Ec2Errors.IncorrectState($"The volume '{source.Id}' is in the state '{source.State}'.");
        if (!source.Encrypted) throw Ec2Errors.Unsupported($"The volume '{source.Id}' is not encrypted; only encrypted volumes can be copied.");
        var size = call.Parameters.Integer("Size") ?? source.SizeGiB;
        if (size < source.SizeGiB) throw Ec2Errors.InvalidValue($"The copy's size {size} is smaller than the source volume's, {source.SizeGiB}GiB.");
        factory.CheckQuota(call.Region, 1);
        var plan = factory.Plan(
            call.Region,
            new NewVolume
            {
                AvailabilityZone = source.AvailabilityZone,
                SizeGiB = size,
                VolumeType = call.Parameters.Text("VolumeType") ?? source.VolumeType,
                Iops = call.Parameters.Integer("Iops"),
                Throughput = call.Parameters.Integer("Throughput"),
                Encrypted = true,
                KmsKeyId = source.KmsKeyArn,
                MultiAttach = call.Parameters.Boolean("MultiAttachEnabled") ?? false,
                ProductCodes = source.ProductCodes,
                Tags = TagSpecifications.Read(call.Parameters, ResourceKind.Volume),
            },
            call.Now,
            call.Caller);
        var copy = plan.Record with { SourceVolumeId = source.Id };
        await factory.CopyAsync(call.Region, source.Id, copy, cancellationToken).ConfigureAwait(false);
        ClientTokens.Remember(call, [copy.Id]);
        Write(call, [copy]);
    }

    private static void Write(Ec2Call call, IEnumerable<VolumeRecord> volumes) =>
        call.Response.AddList("volumeSet", volumes, volume => VolumeXml.Write(call.Response, volume));
}
