using System.Text.RegularExpressions;
using Coriolis.Aws.Emulator.Ec2.Encryption;
using Coriolis.Aws.Emulator.Ec2.Instances;
using Coriolis.Aws.Emulator.Ec2.InstanceTypes;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>Attaches and detaches volumes.</summary>
internal sealed partial class AttachmentOperations(EmulatorDelays delays, FaultPlan faults)
{
    // The EBS user guide: a Multi-Attach volume has at most 16 attachments.
    private const int MaxMultiAttachments = 16;

    public void Attach(Ec2Call call)
    {
        var volumeId = call.Parameters.Required("VolumeId");
        var instanceId = call.Parameters.Required("InstanceId");
        var device = call.Parameters.Required("Device");
        var volume = ResourceKind.Volume.Find(call.State.Volumes, volumeId);
        var instance = ResourceKind.Instance.Find(call.State.Instances, instanceId);
        CheckVolume(volume, instance);
        CheckInstance(instance, volume);
        CheckDevice(call, instance, device);
        var attachment = new VolumeAttachment
        {
            InstanceId = instanceId,
            Device = device,
            State = "attaching",
            // Without a grant for the instance the attachment never comes about.
            Next = faults.Take("ec2:AttachVolume", volumeId, FaultKind.StuckAttachment) is not null
                ? null
                : new Transition(KeyResolver.CanAttach(call.Region, call.Caller, volume) ? "attached" : "detached", call.Now + delays.VolumeAttach),
            AttachTime = call.Now,
        };
        call.State.Volumes[volumeId] = volume with { State = "in-use", Attachments = [.. volume.Attachments, attachment] };
        VolumeXml.WriteAttachment(call.Response, volumeId, attachment);
    }

    public void Detach(Ec2Call call)
    {
        var volume = ResourceKind.Volume.Find(call.State.Volumes, call.Parameters.Required("VolumeId"));
        var instanceId = call.Parameters.Text("InstanceId");
        if (instanceId is not null) _ = ResourceKind.Instance.Find(call.State.Instances, instanceId);
        if (volume.Attachments.Count == 0) throw Ec2Errors.IncorrectState($"The volume '{volume.Id}' is in the 'available' state.");
        if (instanceId is null && volume.Attachments.Count > 1) throw Ec2Errors.Missing("InstanceId");
        var device = call.Parameters.Text("Device");
        var attachment = volume.Attachments.FirstOrDefault(item =>
            (instanceId is null || item.InstanceId == instanceId) && (device is null || item.Device == device));
        if (attachment is null)
        {
            throw Ec2Errors.Create(
                "InvalidAttachment.NotFound", $"Volume {volume.Id} can not be detached from {instanceId} because it is not attached");
        }

        CheckRoot(call, volume, attachment);
        var detaching = attachment with { State = "detaching", Next = new Transition("detached", call.Now + delays.VolumeDetach) };
        call.State.Volumes[volume.Id] = volume with
        {
            Attachments = [.. volume.Attachments.Select(item => item == attachment ? detaching : item)],
        };
        VolumeXml.WriteAttachment(call.Response, volume.Id, detaching);
    }

    private static void CheckVolume(VolumeRecord volume, InstanceRecord instance)
    {
        if (volume.Attachments.Any(attachment => attachment.InstanceId == instance.Id))
        {
            throw Ec2Errors.Create("VolumeInUse", $"{volume.Id} is already attached to an instance");
        }

        if (volume.Attachments.Count > 0)
        {
            if (!volume.MultiAttach) throw Ec2Errors.Create("VolumeInUse", $"{volume.Id} is already attached to an instance");
            if (volume.Attachments.Count >= MaxMultiAttachments)
            {
                throw Ec2Errors.Create("VolumeInUse", $"{volume.Id} is already attached to the maximum of {MaxMultiAttachments} instances");
            }
        }
        else if (volume.State != "available")
        {
            throw Ec2Errors.IncorrectState($"The volume '{volume.Id}' is not 'available'.");
        }

        if (volume.AvailabilityZone != instance.AvailabilityZone)
        {
            throw Ec2Errors.Create(
                "InvalidVolume.ZoneMismatch", $"The volume '{volume.Id}' is not in the same availability zone as instance '{instance.Id}'");
        }
    }

    private static void CheckInstance(InstanceRecord instance, VolumeRecord volume)
    {
        if (instance.State is not (InstanceStates.Running or InstanceStates.Stopped))
        {
            throw Ec2Errors.Create("IncorrectState", $"Instance '{instance.Id}' is not 'running'.");
        }

        if (volume.ProductCodes.Count > 0 && instance.State != InstanceStates.Stopped)
        {
            throw Ec2Errors.Create(
                "IncorrectInstanceState",
                $"Cannot attach volume '{volume.Id}' with Marketplace codes as the instance '{instance.Id}' is not in the 'stopped' state.");
        }

        var foreignCodes = volume.ProductCodes.Except(instance.ProductCodes).ToList();
        if (instance.ProductCodes.Count > 0 && foreignCodes.Count > 0)
        {
            throw Ec2Errors.Unsupported("The instance configuration for this AWS Marketplace product is not supported.");
        }
    }

    private static void CheckDevice(Ec2Call call, InstanceRecord instance, string device)
    {
        if (!DeviceName().IsMatch(device))
        {
            throw Ec2Errors.InvalidValue($"Value ({device}) for parameter device is invalid. {device} is not a valid EBS device name.");
        }

        var attached = InstanceView.Of(instance, call.State).Devices;
        if (attached.Any(item => item.Attachment.Device == device))
        {
            throw Ec2Errors.InvalidValue($"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use");
        }

        var limit = InstanceTypeTable.All.TryGetValue(instance.InstanceType, out var type) ? type.MaxVolumes : int.MaxValue;
        // On Nitro, network interfaces and instance store disks take places of the same limit.
        var others = type is { Family.Nitro: true } ? call.State.NetworkInterfaces.Values.Count(nic => nic.InstanceId == instance.Id) + type.StoreDisks : 0;
        if (attached.Count + others >= limit)
        {
            throw Ec2Errors.Create("AttachmentLimitExceeded", $"The instance '{instance.Id}' has exceeded the maximum number of attachments: {limit}.");
        }
    }

    private static void CheckRoot(Ec2Call call, VolumeRecord volume, VolumeAttachment attachment)
    {
        if (attachment.State == "detaching")
        {
            throw Ec2Errors.IncorrectState($"The volume '{volume.Id}' is already being detached.");
        }

        if (call.State.Instances.TryGetValue(attachment.InstanceId, out var instance) && attachment.Device == instance.RootDeviceName
            && instance.State != InstanceStates.Stopped)
        {
            throw Ec2Errors.Create(
                "OperationNotPermitted", $"Unable to detach root volume '{volume.Id}' from instance '{instance.Id}'");
        }
    }

    // The EC2 user guide, "Device names for volumes"; the two-letter names are those that the EBS CSI driver uses.
    [GeneratedRegex("^(/dev/)?(sd[a-z][0-9]{0,2}|xvd[a-z]{1,2}|hd[a-z][0-9]{0,2})$")]
    private static partial Regex DeviceName();
}
