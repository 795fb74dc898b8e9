using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Snapshots;

/// <summary>Creates and lists snapshots.</summary>
internal sealed class SnapshotOperations(SnapshotCreator creator)
{
    // The EC2 model: at most 127 volumes may be excluded from a set.
    private const int MaxExclusions = 127;

    private static readonly string[] s_snapshotableStates = ["available", "in-use"];

    public async Task CreateAsync(Ec2Call call, CancellationToken cancellationToken)
    {
        var volume = ResourceKind.Volume.Find(call.State.Volumes, call.Parameters.Required("VolumeId"));
        CheckState(volume);
        var tags = TagSpecifications.Read(call.Parameters, ResourceKind.Snapshot);
        var created = await creator.CreateAsync(call, [volume], _ => tags, cancellationToken).ConfigureAwait(false);
        SnapshotXml.Write(call.Response, created[0], call.Now);
    }

    public async Task CreateSetAsync(Ec2Call call, CancellationToken cancellationToken)
    {
        var specification = call.Parameters.Structure("InstanceSpecification");
        if (specification.Text("InstanceId") is not { Length: > 0 } instanceId) throw Ec2Errors.Missing("InstanceSpecification.InstanceId");
        var instance = ResourceKind.Instance.Find(call.State.Instances, instanceId);
        if (instance.State is "terminated" or "shutting-down")
        {
            throw Ec2Errors.Create("IncorrectInstanceState", $"The instance '{instanceId}' is not in a valid state for snapshots: {instance.State}.");
        }

        var volumes = Select(call, instance, specification.Boolean("ExcludeBootVolume") ?? false, specification.List("ExcludeDataVolumeId"));
        var tags = TagSpecifications.Read(call.Parameters, ResourceKind.Snapshot);
        var copyTags = call.Parameters.Text("CopyTagsFromSource") switch
        {
            null or "" => false,
            "volume" => true,
            var other => throw Ec2Errors.InvalidValue($"Invalid value '{other}' for CopyTagsFromSource; the only valid value is volume."),
        };
        var created = await creator.CreateAsync(call, volumes, volume => copyTags ? Merge(volume.Tags, tags) : tags, cancellationToken).ConfigureAwait(false);
        call.Response.AddList("snapshotSet", created, snapshot => SnapshotXml.WriteOfSet(call.Response, snapshot, call.Now));
    }

    /// <summary>The volumes of the set: the instance's, root first, without the excluded ones.</summary>
    private static List<VolumeRecord> Select(Ec2Call call, InstanceRecord instance, bool excludeBoot, IReadOnlyList<string> excludedIds)
    {
        if (excludedIds.Count > MaxExclusions) throw Ec2Errors.InvalidValue($"At most {MaxExclusions} volumes can be excluded.");
        var attached = call.State.Volumes.Values
            .Select(volume => (Volume: volume, Attachment: volume.Attachments.FirstOrDefault(item => item.InstanceId == instance.Id)))
            .Where(static pair => pair.Attachment is not null)
            .Select(pair => (pair.Volume, IsRoot: pair.Attachment!.Device == instance.RootDeviceName))
            .OrderByDescending(static pair => pair.IsRoot)
            .ThenBy(static pair => pair.Volume.Sequence)
            .ToList();
        foreach (var id in excludedIds)
        {
            _ = ResourceKind.Volume.Find(call.State.Volumes, id);
            if (attached.Any(pair => pair.IsRoot && pair.Volume.Id == id))
            {
                throw Ec2Errors.InvalidValue($"The volume '{id}' is the root volume; use ExcludeBootVolume to exclude it.");
            }

            if (attached.All(pair => pair.Volume.Id != id))
            {
                throw Ec2Errors.InvalidValue($"The volume '{id}' is not attached to the instance '{instance.Id}'.");
            }
        }

        var selected = attached.Where(pair => !(pair.IsRoot && excludeBoot) && !excludedIds.Contains(pair.Volume.Id)).Select(static pair => pair.Volume).ToList();
        if (selected.Count == 0)
        {
            throw Ec2Errors.InvalidCombination($"No EBS volume of the instance '{instance.Id}' is left to take a snapshot of.");
        }

        selected.ForEach(CheckState);
        return selected;
    }

    private static void CheckState(VolumeRecord volume)
    {
        if (!s_snapshotableStates.Contains(volume.State))
        {
            throw Ec2Errors.IncorrectState($"The volume '{volume.Id}' is in the state '{volume.State}'; it must be available or in-use.");
        }
    }

    private static SortedDictionary<string, string> Merge(IReadOnlyDictionary<string, string> source, IReadOnlyDictionary<string, string> own)
    {
        var merged = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in source.Where(static tag => !tag.Key.StartsWith("aws:", StringComparison.Ordinal)).Concat(own))
        {
            merged[key] = value;
        }

        TagSpecifications.CheckCount(merged.Count);
        return merged;
    }
}
