using System.Globalization;
using System.Text.RegularExpressions;

namespace Coriolis.Morphing.Disks;

/// <summary>Finds the volume that a guest means by what it writes in fstab.</summary>
internal static partial class VolumeNames
{
    public static GuestVolume? Find(IReadOnlyList<GuestVolume> volumes, string device)
    {
        var (kind, value) = Split(device);
        return kind switch
        {
            "UUID" => volumes.FirstOrDefault(volume => Same(volume.Uuid, value)),
            "LABEL" => volumes.FirstOrDefault(volume => volume.Label == value),
            "PARTUUID" => volumes.FirstOrDefault(volume => Same(volume.Partition?.Uuid, value)),
            "PARTLABEL" => volumes.FirstOrDefault(volume => volume.Partition?.Label == value),
            _ => volumes.FirstOrDefault(volume => volume.LogicalVolume?.IsNamed(device) == true) ?? FindByDevice(volumes, device),
        };
    }

    private static (string Kind, string Value) Split(string device)
    {
        if (device.StartsWith("/dev/disk/by-", StringComparison.Ordinal) && device["/dev/disk/by-".Length..].Split('/', 2) is [var kind, var name])
            return (kind.ToUpperInvariant(), name);

        return device.Split('=', 2) is [var tag, var value] ? (tag, value.Trim('"')) : ("", device);
    }

    // EC2 names disks xvda or sda, xvdb or sdb, …, and on Nitro nvme0n1, nvme1n1, …: the boot disk comes first.
    private static GuestVolume? FindByDevice(IReadOnlyList<GuestVolume> volumes, string device)
    {
        if (DeviceName().Match(device) is not { Success: true } match)
            return null;

        var disk = match.Groups["letter"] is { Success: true } letter
            ? letter.Value[0] - 'a'
            : int.Parse(match.Groups["nvme"].Value, CultureInfo.InvariantCulture);
        int? partition = match.Groups["partition"] is { Success: true } number ? int.Parse(number.Value, CultureInfo.InvariantCulture) : null;
        return volumes.FirstOrDefault(volume => volume.DiskIndex == disk && volume.Partition?.Number == partition);
    }

    private static bool Same(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^/dev/(?:(?:xvd|sd|vd|hd)(?<letter>[a-z])(?<partition>\d{1,3})?|nvme(?<nvme>\d{1,3})n1(?:p(?<partition>\d{1,3}))?)$")]
    private static partial Regex DeviceName();
}
