using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws;

/// <summary>Turns block device mappings, volumes and instance-store disks into disks in a stable order.</summary>
internal static class DiskMapper
{
    private const long GiB = 1L << 30;

    // DescribeInstanceTypes gives the size of instance-store disks in decimal gigabytes.
    private const long Gigabyte = 1_000_000_000;

    public static List<SourceDisk> Map(
        Instance instance,
        IReadOnlyDictionary<string, Volume> volumes,
        IReadOnlyDictionary<string, IReadOnlyList<string>> productCodes,
        InstanceTypeInfo type,
        Image? image)
    {
        var disks = new List<SourceDisk>();
        foreach (var mapping in instance.BlockDeviceMappings ?? [])
        {
            if (mapping.Ebs?.VolumeId is { } id && volumes.TryGetValue(id, out var volume))
            {
                disks.Add(MapVolume(mapping, volume, mapping.DeviceName == instance.RootDeviceName, productCodes.GetValueOrDefault(id)));
            }
        }

        // root first, then by device name; names of different length sort as EC2 hands them out (xvdb before xvdaa).
        disks = [.. disks.OrderByDescending(d => d.IsBoot).ThenBy(d => d.DeviceName.Length).ThenBy(d => d.DeviceName, StringComparer.Ordinal)];
        disks.AddRange(MapInstanceStore(type, image));
        return disks;
    }

    private static SourceDisk MapVolume(InstanceBlockDeviceMapping mapping, Volume volume, bool isBoot, IReadOnlyList<string>? productCodes) => new()
    {
        Id = volume.VolumeId,
        DeviceName = mapping.DeviceName,
        SizeBytes = volume.Size.GetValueOrDefault() * GiB,
        IsBoot = isBoot,
        VolumeType = volume.VolumeType?.Value,
        Iops = volume.Iops is > 0 ? volume.Iops : null,
        ThroughputMiBps = volume.Throughput is > 0 ? volume.Throughput : null,
        Encrypted = volume.Encrypted == true,
        KmsKeyId = string.IsNullOrEmpty(volume.KmsKeyId) ? null : volume.KmsKeyId,
        MultiAttach = volume.MultiAttachEnabled == true,
        DeleteOnTermination = mapping.Ebs.DeleteOnTermination == true,
        ProductCodes = productCodes ?? [],
    };

    // An instance does not list its instance-store disks; its type does. Only the image knows their device names.
    private static IEnumerable<SourceDisk> MapInstanceStore(InstanceTypeInfo type, Image? image)
    {
        var sizes = (type.InstanceStorageInfo?.Disks ?? []).SelectMany(d => Enumerable.Repeat(d.SizeInGB.GetValueOrDefault(), d.Count.GetValueOrDefault()));
        var index = 0;
        foreach (var size in sizes)
        {
            var id = $"ephemeral{index++}";
            yield return new SourceDisk
            {
                Id = id,
                DeviceName = image?.BlockDeviceMappings?.Find(m => m.VirtualName == id)?.DeviceName ?? id,
                SizeBytes = size * Gigabyte,
                IsBoot = false,
                Kind = DiskKind.InstanceStore,
            };
        }
    }
}
