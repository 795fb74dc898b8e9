using Coriolis.Morphing.Disks;

namespace Coriolis.Morphing.Mounting;

/// <summary>Finds the volumes that lines of a guest's fstab mean.</summary>
/// <param name="volumes">All volumes of the guest.</param>
/// <param name="encrypted">Its crypttab.</param>
internal sealed class FstabVolumes(IReadOnlyList<GuestVolume> volumes, IReadOnlyDictionary<string, string> encrypted)
{
    private const string Mapper = "/dev/mapper/";

    /// <param name="entries">The lines whose volumes are looked for.</param>
    /// <param name="all">All lines: a volume that one of them names is not another's.</param>
    /// <param name="root">What is mounted already.</param>
    /// <param name="warnings">Takes what is not certain, as sentences.</param>
    /// <returns>The volumes of the lines; those of lines whose volume is not there are left out.</returns>
    /// <remarks>
    /// Names that volumes have themselves go first. A disk's name is its place among those of EC2, which is that among the disks that were
    /// given only as long as nobody has left one out: a volume found by that must be of the line's type, and is mentioned.
    /// </remarks>
    public IReadOnlyDictionary<FstabEntry, GuestVolume> Find(
        IReadOnlyList<FstabEntry> entries, IEnumerable<FstabEntry> all, GuestVolume root, ICollection<string> warnings)
    {
        var found = new Dictionary<FstabEntry, GuestVolume>();
        foreach (var entry in entries)
        {
            if (FindByName(entry.Device) is { } volume)
                found[entry] = volume;
        }

        var claimed = all.Select(entry => FindByName(entry.Device)).OfType<GuestVolume>().Append(root).ToHashSet();
        foreach (var entry in entries.Where(entry => !found.ContainsKey(entry)))
        {
            if (VolumeNames.FindByPlace(volumes, entry.Device) is not { } volume || !(volume.DiskIndex == 0 || (IsOfType(volume, entry) && !claimed.Contains(volume))))
                continue;

            found[entry] = volume;
            claimed.Add(volume);
            if (volume.DiskIndex != 0)
                warnings.Add($"{entry.Device} for {entry.MountPoint} was taken for {volume.Description}, by the order in which the disks were named.");
        }

        // One line and one volume that are left can only mean each other. The first disk's place is known, and no place means what is in a container.
        var left = entries.Where(entry => !found.ContainsKey(entry) && VolumeNames.IsPlace(entry.Device)).ToArray();
        foreach (var entry in left)
        {
            var free = volumes.Where(volume => volume.DiskIndex > 0 && !claimed.Contains(volume) && IsOfType(volume, entry)).Take(2).ToArray();
            if (free is not [var only] || left.Any(other => other != entry && IsOfType(only, other)))
                continue;

            found[entry] = only;
            warnings.Add($"{entry.Device} for {entry.MountPoint} was taken for {only.Description}, the only {only.Type} file system that no other line of fstab names.");
        }

        return found;
    }

    private GuestVolume? FindByName(string device)
    {
        if (VolumeNames.Find(volumes, device) is { } volume)
            return volume;

        return device.StartsWith(Mapper, StringComparison.Ordinal) && encrypted.TryGetValue(device[Mapper.Length..], out var container)
            && (VolumeNames.Find(volumes, container) ?? VolumeNames.FindByPlace(volumes, container)) is { } holder
            ? volumes.FirstOrDefault(candidate => candidate.EncryptedUuid is not null && candidate.EncryptedUuid == holder.Uuid)
            : null;
    }

    // ext2 and ext3 are mounted as ext4, and people write one for the other. Nobody knows what "auto" means on a disk that may not be there.
    private static bool IsOfType(GuestVolume volume, FstabEntry entry) =>
        volume.Type == entry.Type || (volume.Type.StartsWith("ext", StringComparison.Ordinal) && entry.Type is "ext2" or "ext3" or "ext4");
}
