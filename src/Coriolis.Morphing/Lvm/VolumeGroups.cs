using System.Globalization;

namespace Coriolis.Morphing.Lvm;

/// <summary>Finds the logical volumes on physical ones.</summary>
/// <remarks>
/// LVM's own tools would activate a group under its name, which may be that of a group of this machine, and would have to
/// write to the guest's disks to give it another. What the metadata says is read here instead.
/// </remarks>
internal static class VolumeGroups
{
    private const int SectorBytes = 512;

    /// <param name="physicalVolumes">The physical volumes of any number of groups.</param>
    /// <param name="warnings">Gets a sentence for every logical volume that cannot be used.</param>
    public static IReadOnlyList<LogicalVolume> Read(IReadOnlyList<PhysicalVolume> physicalVolumes, ICollection<string> warnings)
    {
        var byId = physicalVolumes.GroupBy(volume => volume.Id).ToDictionary(group => group.Key, group => group.First().Volume, StringComparer.Ordinal);
        var groups = new Dictionary<string, (string Name, LvmSection Section)>(StringComparer.Ordinal);
        foreach (var metadata in physicalVolumes.Select(volume => volume.Metadata).OfType<string>())
        {
            // Volumes of one group carry copies; one that was missing for a while has an old one.
            foreach (var (name, section) in LvmText.Parse(metadata).Sections)
            {
                var id = section.Text("id");
                if (!groups.TryGetValue(id, out var known) || known.Section.Number("seqno") < section.Number("seqno"))
                    groups[id] = (name, section);
            }
        }

        var volumes = new List<LogicalVolume>();
        foreach (var (group, section) in groups.Values)
        {
            foreach (var (name, volume) in section.OptionalSection("logical_volumes")?.Sections ?? [])
            {
                // Parts of mirrors, pools and snapshots are not visible; what is made of them is.
                if (!volume.List("status").Contains("VISIBLE"))
                    continue;
                if (ReadSegments(section, volume, byId, out var problem) is { } segments)
                    volumes.Add(new(group, name, segments));
                else
                    warnings.Add($"The logical volume {group}/{name} cannot be opened: {problem}.");
            }
        }

        return volumes;
    }

    private static List<LogicalSegment>? ReadSegments(
        LvmSection group, LvmSection volume, Dictionary<string, Disks.GuestVolume> physicalVolumes, out string problem)
    {
        var extentBytes = group.Number("extent_size") * SectorBytes;
        var segments = new List<LogicalSegment>();
        var count = volume.Number("segment_count");
        for (var number = 1L; number <= count; number++)
        {
            var segment = volume.Section(string.Create(CultureInfo.InvariantCulture, $"segment{number}"));
            if (segment.Text("type") is not "striped" and var type)
            {
                problem = $"segments of the type {type} are not read here";
                return null;
            }

            var stripes = new List<(Disks.GuestVolume Volume, long Offset)>();
            foreach (var pair in segment.List("stripes").Chunk(2))
            {
                var member = group.Section("physical_volumes").Section((string)pair[0]);
                if (!physicalVolumes.TryGetValue(member.Text("id").Replace("-", "", StringComparison.Ordinal), out var place))
                {
                    problem = $"a part of it is on the physical volume {member.Text("id")}, which is on none of the disks";
                    return null;
                }

                stripes.Add((place, (member.Number("pe_start") * SectorBytes) + ((long)pair[1] * extentBytes)));
            }

            var stripeBytes = stripes.Count > 1 ? segment.Number("stripe_size") * SectorBytes : 0;
            segments.Add(new(segment.Number("extent_count") * extentBytes, stripeBytes, stripes));
        }

        problem = segments.Count == 0 ? "it has no segments" : "";
        return segments.Count == 0 ? null : segments;
    }
}
