using System.Globalization;
using System.Text.RegularExpressions;

namespace Coriolis.Morphing.Disks;

/// <summary>Finds the volume that a guest means by what it writes in fstab.</summary>
internal static partial class VolumeNames
{
    /// <summary>Finds the volume by a name that it has itself, wherever its disk is.</summary>
    public static GuestVolume? Find(IReadOnlyList<GuestVolume> volumes, string device)
    {
        var (kind, value) = Split(device);
        return kind switch
        {
            "UUID" => volumes.FirstOrDefault(volume => Same(volume.Uuid, value)),
            "LABEL" => volumes.FirstOrDefault(volume => volume.Label == value),
            "PARTUUID" => volumes.FirstOrDefault(volume => Same(volume.Partition?.Uuid, value)),
            "PARTLABEL" => volumes.FirstOrDefault(volume => volume.Partition?.Label == value),
            "ID" => FindByVolumeId(volumes, value),
            _ => volumes.FirstOrDefault(volume => volume.LogicalVolume?.IsNamed(device) == true),
        };
    }

    /// <summary>Whether a name says where a disk was in the machine, or which one of EC2's it was.</summary>
    public static bool IsPlace(string device) => DeviceName().IsMatch(device) || Split(device) is ("PATH", _) or ("ID", _);

    /// <summary>Finds the volume by the order in which disks were given.</summary>
    /// <remarks>EC2 names disks xvda or sda, xvdb or sdb, …, and on Nitro nvme0n1, nvme1n1, …: the boot disk comes first.</remarks>
    public static GuestVolume? FindByPlace(IReadOnlyList<GuestVolume> volumes, string device)
    {
        if (DeviceName().Match(device) is not { Success: true } match)
            return null;

        var disk = match.Groups["letter"] is { Success: true } letter
            ? letter.Value[0] - 'a'
            : int.Parse(match.Groups["nvme"].Value, CultureInfo.InvariantCulture);
        return volumes.FirstOrDefault(volume => volume.DiskIndex == disk && volume.Partition?.Number == PartitionOf(match));
    }

    private static (string Kind, string Value) Split(string device)
    {
        if (device.StartsWith("/dev/disk/by-", StringComparison.Ordinal) && device["/dev/disk/by-".Length..].Split('/', 2) is [var kind, var name])
            return (kind.ToUpperInvariant(), name);

        return device.Split('=', 2) is [var tag, var value] ? (tag, value.Trim('"')) : ("", device);
    }

    // Replicas are files that are named by the volume that they were.
    private static GuestVolume? FindByVolumeId(IReadOnlyList<GuestVolume> volumes, string name) => VolumeId().Match(name) is { Success: true } match
        ? volumes.FirstOrDefault(volume => volume.DiskIndex is not null
            && Path.GetFileNameWithoutExtension(volume.DiskPath) == $"vol-{match.Groups["id"].Value}"
            && volume.Partition?.Number == PartitionOf(match))
        : null;

    private static int? PartitionOf(Match match) =>
        match.Groups["partition"] is { Success: true } number ? int.Parse(number.Value, CultureInfo.InvariantCulture) : null;

    private static bool Same(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^/dev/(?:(?:xvd|sd|vd|hd)(?<letter>[a-z])(?<partition>\d{1,3})?|nvme(?<nvme>\d{1,3})n1(?:p(?<partition>\d{1,3}))?)$")]
    private static partial Regex DeviceName();

    [GeneratedRegex(@"^nvme-Amazon_Elastic_Block_Store_vol(?<id>[0-9a-f]+)(?:_1|-ns-1)?(?:-part(?<partition>\d{1,3}))?$")]
    private static partial Regex VolumeId();
}
