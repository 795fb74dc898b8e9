using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Instances;

/// <summary>An instance together with what points to it, as listings and filters see it.</summary>
internal sealed class InstanceView
{
    private InstanceView(InstanceRecord instance, RegionState state)
    {
        Instance = instance;
        Devices =
        [
            .. state.Volumes.Values
                .Select(volume => (Volume: volume, Attachment: volume.Attachments.FirstOrDefault(item => item.InstanceId == instance.Id)))
                .Where(static pair => pair.Attachment is not null)
                .Select(static pair => (pair.Volume, Attachment: pair.Attachment!))
                .OrderByDescending(pair => pair.Attachment.Device == instance.RootDeviceName)
                .ThenBy(static pair => pair.Attachment.Device, StringComparer.Ordinal),
        ];
        Nics = [.. state.NetworkInterfaces.Values.Where(nic => nic.InstanceId == instance.Id).OrderBy(static nic => nic.DeviceIndex)];
        Groups = Nics.Count == 0 ? [] : [.. Nics[0].GroupIds.Select(id => state.SecurityGroups.GetValueOrDefault(id)).OfType<SecurityGroupRecord>()];
    }

    public InstanceRecord Instance { get; }

    public IReadOnlyList<(VolumeRecord Volume, VolumeAttachment Attachment)> Devices { get; }

    public IReadOnlyList<NetworkInterfaceRecord> Nics { get; }

    /// <summary>The groups of the primary interface.</summary>
    public IReadOnlyList<SecurityGroupRecord> Groups { get; }

    /// <summary>A terminated instance has lost its addresses.</summary>
    public bool HasNetwork => Nics.Count > 0;

    public static InstanceView Of(InstanceRecord instance, RegionState state) => new(instance, state);
}
