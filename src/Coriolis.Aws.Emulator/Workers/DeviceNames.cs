using System.Globalization;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>What a volume is called inside a machine.</summary>
/// <param name="Path">The device node.</param>
/// <param name="Link">The name below /dev/disk/by-id, if any.</param>
internal sealed record DeviceNames(string Path, string? Link)
{
    /// <summary>On Nitro: numbered as found, with a link that has the volume's id (EBS user guide, "Map Amazon EBS volumes to NVMe device names").</summary>
    public static DeviceNames Nvme(int controller, string volumeId) =>
        new(NvmePath(controller), $"nvme-Amazon_Elastic_Block_Store_{volumeId.Replace("-", "", StringComparison.Ordinal)}");

    /// <summary>On Xen: /dev/sdf is called /dev/xvdf, and nothing tells which volume it is.</summary>
    public static DeviceNames Xen(string apiName)
    {
        var name = System.IO.Path.GetFileName(apiName);
        return new DeviceNames($"/dev/{(name.StartsWith("sd", StringComparison.Ordinal) ? $"xvd{name[2..]}" : name)}", null);
    }

    public static string NvmePath(int controller) => string.Create(CultureInfo.InvariantCulture, $"/dev/nvme{controller}n1");
}
