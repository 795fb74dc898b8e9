using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Ec2.Volumes;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator.Ec2.Images;

/// <summary>Registers images made of snapshots, and deregisters them.</summary>
internal sealed class ImageOperations(BlockStore blocks)
{
    private static readonly string[] s_architectures = ["i386", "x86_64", "arm64"];
    private static readonly string[] s_bootModes = ["legacy-bios", "uefi", "uefi-preferred"];

    public static void Register(Ec2Call call)
    {
        var name = call.Parameters.Required("Name");
        if (name.Length is < 3 or > 128)
        {
            throw Ec2Errors.Create("InvalidAMIName.Malformed", "AMI names must be between 3 and 128 characters long");
        }

        if (call.State.Images.Values.Any(image => image.Name == name && image.OwnerId == call.AccountId))
        {
            throw Ec2Errors.Create("InvalidAMIName.Duplicate", $"AMI name {name} is already in use");
        }

        var rootDevice = call.Parameters.Required("RootDeviceName");
        var devices = call.Parameters.Structures("BlockDeviceMapping").Select(mapping => ReadDevice(call, mapping)).ToList();
        var root = devices.FirstOrDefault(device => device.DeviceName == rootDevice && device.SnapshotId is not null)
            ?? throw Ec2Errors.Create("InvalidBlockDeviceMapping", $"The root device {rootDevice} must be mapped to a snapshot.");
        var snapshot = call.State.Snapshots[root.SnapshotId!];
        var (id, sequence) = call.Region.NextId("ami");
        call.State.Images[id] = new ImageRecord
        {
            Id = id,
            Sequence = sequence,
            Tags = TagSpecifications.Read(call.Parameters, ResourceKind.Image, ResourceKind.Snapshot),
            Name = name,
            Description = call.Parameters.Text("Description"),
            OwnerId = call.AccountId,
            Architecture = Choice(call, "Architecture", s_architectures) ?? "i386",
            RootDeviceName = rootDevice,
            VirtualizationType = Choice(call, "VirtualizationType", ["paravirtual", "hvm"]) ?? "paravirtual",
            BootMode = Choice(call, "BootMode", s_bootModes),
            EnaSupport = call.Parameters.Boolean("EnaSupport") ?? false,
            ImdsSupport = Choice(call, "ImdsSupport", ["v2.0"]),
            TpmSupport = Choice(call, "TpmSupport", ["v2.0"]),
            CreationDate = call.Now,
            ProductCodes = snapshot.ProductCodes,
            Devices = devices,
        };
        call.Response.Add("imageId", id);
    }

    public async Task DeregisterAsync(Ec2Call call, CancellationToken cancellationToken)
    {
        var image = ResourceKind.Image.Find(call.State.Images, call.Parameters.Required("ImageId"));
        if (image.OwnerId != call.AccountId) throw Ec2Errors.Create("AuthFailure", $"Not authorized for image:{image.Id}");
        call.State.Images.TryRemove(image.Id, out _);
        call.Response.AddSuccess();
        if (call.Parameters.Boolean("DeleteAssociatedSnapshots") is not true) return;
        var results = new List<(string Id, string Code)>();
        foreach (var id in image.Devices.Select(static device => device.SnapshotId).OfType<string>().Distinct())
        {
            var inUse = call.State.Images.Values.Any(other => other.Devices.Any(device => device.SnapshotId == id));
            if (!inUse && call.State.Snapshots.TryRemove(id, out _))
            {
                await blocks.DeleteSnapshotAsync(call.Region.Name, id, cancellationToken).ConfigureAwait(false);
            }

            results.Add((id, inUse ? "skipped" : "success"));
        }

        call.Response.AddList("deleteSnapshotResultSet", results, result =>
        {
            call.Response.Add("snapshotId", result.Id);
            call.Response.Add("returnCode", result.Code);
        });
    }

    private static ImageDevice ReadDevice(Ec2Call call, QueryParameters mapping)
    {
        if (mapping.Text("DeviceName") is not { Length: > 0 } name) throw Ec2Errors.Missing("BlockDeviceMapping.DeviceName");
        if (mapping.Text("VirtualName") is { } virtualName) return new ImageDevice { DeviceName = name, VirtualName = virtualName };
        var ebs = mapping.Structure("Ebs");
        var snapshot = ebs.Text("SnapshotId") is { } snapshotId ? ResourceKind.Snapshot.Find(call.State.Snapshots, snapshotId) : null;
        if (snapshot is { State: not "completed" }) throw Ec2Errors.IncorrectState($"The snapshot '{snapshot.Id}' is not completed.");
        var size = ebs.Integer("VolumeSize") ?? snapshot?.VolumeSizeGiB
            ?? throw Ec2Errors.Create("InvalidBlockDeviceMapping", $"The device {name} has neither a size nor a snapshot.");
        if (size < snapshot?.VolumeSizeGiB) throw Ec2Errors.Create("InvalidBlockDeviceMapping", $"The device {name} is smaller than its snapshot.");
        var type = ebs.Text("VolumeType") ?? VolumeTypes.Default;
        _ = VolumeTypes.Check(type, size, ebs.Integer("Iops"), ebs.Integer("Throughput"));
        return new ImageDevice
        {
            DeviceName = name,
            SnapshotId = snapshot?.Id,
            SizeGiB = size,
            VolumeType = type,
            Iops = ebs.Integer("Iops"),
            Throughput = ebs.Integer("Throughput"),
            DeleteOnTermination = ebs.Boolean("DeleteOnTermination") ?? true,
            Encrypted = snapshot?.Encrypted ?? ebs.Boolean("Encrypted") ?? false,
        };
    }

    private static string? Choice(Ec2Call call, string name, string[] allowed) => call.Parameters.Text(name) is not { } value ? null
        : allowed.Contains(value) ? value
        : throw Ec2Errors.InvalidValue($"Invalid value '{value}' for {name}; valid are {string.Join(", ", allowed)}.");
}
