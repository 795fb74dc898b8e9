using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Ec2.Volumes;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Instances;

/// <summary>The volumes that an instance is launched with: the image's mapping, overridden by the request's.</summary>
internal static class LaunchDevices
{
    public sealed record Device(string Name, NewVolume Volume, bool DeleteOnTermination);

    public static IReadOnlyList<Device> Read(
        Ec2Call call, ImageRecord image, string zone, IReadOnlyDictionary<string, string> tags)
    {
        var devices = new List<Device>();
        foreach (var device in image.Devices.Where(static device => device.VirtualName is null))
        {
            devices.Add(new Device(device.DeviceName, FromImage(image, device, zone, tags), device.DeleteOnTermination));
        }

        foreach (var mapping in call.Parameters.Structures("BlockDeviceMapping"))
        {
            if (mapping.Text("DeviceName") is not { Length: > 0 } name) throw Ec2Errors.Missing("BlockDeviceMapping.DeviceName");
            var index = devices.FindIndex(device => device.Name == name);
            if (mapping.Text("NoDevice") is not null)
            {
                if (index >= 0) devices.RemoveAt(index);
                continue;
            }

            // Instance store disks of the request's choosing exist on types that have them; they have no volume.
            if (mapping.Text("VirtualName") is { } virtualName)
            {
                if (!virtualName.StartsWith("ephemeral", StringComparison.Ordinal)) throw InvalidMapping($"Invalid virtual name '{virtualName}'.");
                continue;
            }

            if (!mapping.Has("Ebs")) throw InvalidMapping($"The mapping of {name} has neither Ebs, VirtualName nor NoDevice.");
            var ebs = mapping.Structure("Ebs");
            // Mapped devices go with their instance unless the request says otherwise.
            var fallback = index >= 0 ? devices[index] : new Device(name, new NewVolume { AvailabilityZone = zone, Tags = tags }, DeleteOnTermination: true);
            var changed = new Device(name, fallback.Volume.Override(ebs), ebs.Boolean("DeleteOnTermination") ?? fallback.DeleteOnTermination);
            if (index >= 0) devices[index] = changed;
            else devices.Add(changed);
        }

        return devices.All(device => device.Name != image.RootDeviceName)
            ? throw InvalidMapping($"The root device {image.RootDeviceName} has no mapping.")
            : devices;
    }

    private static NewVolume FromImage(ImageRecord image, ImageDevice device, string zone, IReadOnlyDictionary<string, string> tags) => new()
    {
        AvailabilityZone = zone,
        SizeGiB = device.SizeGiB,
        VolumeType = device.VolumeType,
        Iops = device.Iops,
        Throughput = device.Throughput,
        SnapshotId = device.SnapshotId,
        Encrypted = device.Encrypted ? true : null,
        File = device.DeviceName == image.RootDeviceName ? image.RootFile : null,
        ProductCodes = image.ProductCodes,
        Tags = tags,
    };

    private static Http.AwsErrorException InvalidMapping(string message) => Ec2Errors.Create("InvalidBlockDeviceMapping", message);
}
