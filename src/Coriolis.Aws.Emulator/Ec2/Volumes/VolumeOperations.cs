using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>Creates, lists and deletes volumes.</summary>
internal sealed class VolumeOperations(VolumeFactory factory, EmulatorDelays delays)
{
    /// <summary>The error for a client token whose volume has failed or been deleted since.</summary>
    public const string TokenOfGoneVolume = "IdempotentParameterMismatch";

    private static readonly FilterTable<VolumeRecord> s_filters = new FilterTable<VolumeRecord>
    {
        { "attachment.attach-time", static volume => volume.Attachments.Select(static item => Ec2Xml.Timestamp(item.AttachTime)) },
        { "attachment.delete-on-termination", static volume => volume.Attachments.Select(static item => item.DeleteOnTermination ? "true" : "false") },
        { "attachment.device", static volume => volume.Attachments.Select(static item => item.Device) },
        { "attachment.instance-id", static volume => volume.Attachments.Select(static item => item.InstanceId) },
        { "attachment.status", static volume => volume.Attachments.Select(static item => item.State) },
        { "availability-zone", static volume => volume.AvailabilityZone },
        { "availability-zone-id", static volume => ZoneNames.IdOf(volume.AvailabilityZone) },
        { "create-time", static volume => volume.CreateTime },
        { "encrypted", static volume => volume.Encrypted },
        { "fast-restored", static _ => false },
        { "multi-attach-enabled", static volume => volume.MultiAttach },
        { "size", static volume => volume.SizeGiB },
        { "snapshot-id", static volume => volume.SnapshotId },
        { "source-volume-id", static volume => volume.SourceVolumeId },
        { "status", static volume => volume.State },
        { "volume-id", static volume => volume.Id },
        { "volume-type", static volume => volume.VolumeType },
    }.WithTags(static volume => volume.Tags);

    public async Task CreateAsync(Ec2Call call, CancellationToken cancellationToken)
    {
        if (ClientTokens.FindPrevious(call, call.State.Volumes.GetValueOrDefault, TokenOfGoneVolume) is [var existing])
        {
            VolumeXml.Write(call.Response, existing);
            return;
        }

        var request = new NewVolume
        {
            AvailabilityZone = Zone(call),
            MultiAttach = call.Parameters.Boolean("MultiAttachEnabled") ?? false,
            SizeGiB = call.Parameters.Integer("Size"),
            VolumeType = call.Parameters.Text("VolumeType"),
            Iops = call.Parameters.Integer("Iops"),
            Throughput = call.Parameters.Integer("Throughput"),
            InitializationRate = InitializationRate(call),
            SnapshotId = call.Parameters.Text("SnapshotId") is { Length: > 0 } snapshotId ? snapshotId : null,
            Encrypted = call.Parameters.Boolean("Encrypted"),
            KmsKeyId = call.Parameters.Text("KmsKeyId"),
            Tags = TagSpecifications.Read(call.Parameters, ResourceKind.Volume),
        };
        factory.CheckQuota(call.Region, 1);
        var plan = factory.Plan(call.Region, request, call.Now, call.Caller);
        await factory.CreateAsync(call.Region, plan, cancellationToken).ConfigureAwait(false);
        ClientTokens.Remember(call, [plan.Record.Id]);
        VolumeXml.Write(call.Response, plan.Record);
    }

    public static void Describe(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "VolumeId", "volumesSet");
        var ids = call.Parameters.List("VolumeId");
        var volumes = ResourceKind.Volume.FindAllOrEvery(call.State.Volumes, ids);
        var page = Pages.Take(call, s_filters.Apply(call.Parameters, volumes), static volume => Pages.Sequence(volume.Sequence));
        call.Response.AddList("volumeSet", page, volume => VolumeXml.Write(call.Response, volume));
    }

    public void Delete(Ec2Call call)
    {
        var volume = ResourceKind.Volume.Find(call.State.Volumes, call.Parameters.Required("VolumeId"));
        if (volume.Attachments.Count > 0)
        {
            throw Ec2Errors.Create("VolumeInUse", $"Volume {volume.Id} is currently attached to {volume.Attachments[0].InstanceId}");
        }

        if (volume.State == "creating") throw Ec2Errors.IncorrectState($"The volume '{volume.Id}' is not 'available'.");
        // Deleting twice is no error: the second call sees the same end.
        if (volume.State != "deleting")
        {
            call.State.Volumes[volume.Id] = volume with { State = "deleting", Next = new Transition(RegionSettler.Gone, call.Now + delays.VolumeDelete) };
        }

        call.Response.AddSuccess();
    }

    private static string Zone(Ec2Call call)
    {
        var zone = call.Parameters.Text("AvailabilityZone");
        var zoneId = call.Parameters.Text("AvailabilityZoneId");
        return (zone, zoneId) switch
        {
            (not null, not null) => throw Ec2Errors.InvalidCombination("Specify either AvailabilityZone or AvailabilityZoneId, not both."),
            (not null, null) => zone,
            (null, not null) => ZoneNames.RequireById(call.Region.Name, zoneId),
            _ => throw Ec2Errors.Missing("AvailabilityZone"),
        };
    }

    private static int? InitializationRate(Ec2Call call)
    {
        var rate = call.Parameters.Integer("VolumeInitializationRate");
        if (rate is < 100 or > 300) throw Ec2Errors.InvalidValue($"VolumeInitializationRate {rate} must be from 100 to 300 MiB/s.");
        return rate is not null && !call.Parameters.Has("SnapshotId")
            ? throw Ec2Errors.InvalidCombination("VolumeInitializationRate is only valid for a volume created from a snapshot.")
            : rate;
    }
}
