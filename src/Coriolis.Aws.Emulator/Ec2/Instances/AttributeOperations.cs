using Coriolis.Aws.Emulator.Ec2.InstanceTypes;
using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Instances;

/// <summary>Single attributes of instances.</summary>
internal static class AttributeOperations
{
    public static void Describe(Ec2Call call)
    {
        var instance = ResourceKind.Instance.Find(call.State.Instances, call.Parameters.Required("InstanceId"));
        var xml = call.Response;
        void Value(string name, string? value) => xml.Add(name, () => xml.Add("value", value));
        void Flag(string name, bool value) => xml.Add(name, () => xml.Add("value", value));
        xml.Add("instanceId", instance.Id);
        switch (call.Parameters.Required("Attribute"))
        {
            case "instanceType": Value("instanceType", instance.InstanceType); break;
            case "kernel": Value("kernel", null); break;
            case "ramdisk": Value("ramdisk", null); break;
            case "userData": Value("userData", instance.UserData); break;
            case "disableApiTermination": Flag("disableApiTermination", instance.DisableApiTermination); break;
            case "disableApiStop": Flag("disableApiStop", instance.DisableApiStop); break;
            case "instanceInitiatedShutdownBehavior": Value("instanceInitiatedShutdownBehavior", instance.ShutdownBehavior); break;
            case "rootDeviceName": Value("rootDeviceName", instance.RootDeviceName); break;
            case "blockDeviceMapping": InstanceXml.WriteDevices(xml, InstanceView.Of(instance, call.State)); break;
            case "productCodes": InstanceXml.WriteProductCodes(xml, instance.ProductCodes); break;
            case "sourceDestCheck": Flag("sourceDestCheck", instance.SourceDestCheck); break;
            case "groupSet": NetworkInterfaceXml.WriteGroups(xml, InstanceView.Of(instance, call.State).Groups); break;
            case "ebsOptimized": Flag("ebsOptimized", instance.EbsOptimized); break;
            case "sriovNetSupport": Value("sriovNetSupport", "simple"); break;
            case "enaSupport": Flag("enaSupport", instance.EnaSupport); break;
            case "enclaveOptions": xml.Add("enclaveOptions", () => xml.Add("enabled", false)); break;
            case var other: throw Ec2Errors.InvalidValue($"Value ({other}) for parameter attribute is invalid. Unknown attribute.");
        }
    }

    public static void Modify(Ec2Call call)
    {
        var parameters = call.Parameters;
        var instance = ResourceKind.Instance.Find(call.State.Instances, parameters.Required("InstanceId"));
        var named = parameters.Text("Attribute") is { } attribute ? char.ToUpperInvariant(attribute[0]) + attribute[1..] : null;
        string? Text(string name) => parameters.Text($"{name}.Value") ?? (named == name ? parameters.Required("Value") : null);
        bool? Flag(string name) => Text(name) is null ? null : parameters.Boolean(parameters.Has($"{name}.Value") ? $"{name}.Value" : "Value");

        var changed = instance with
        {
            InstanceType = Text("InstanceType") is { } type ? CheckType(instance, type) : instance.InstanceType,
            UserData = Text("UserData") is { } userData ? Stopped(instance, userData, "userData") : instance.UserData,
            DisableApiTermination = Flag("DisableApiTermination") ?? instance.DisableApiTermination,
            DisableApiStop = Flag("DisableApiStop") ?? instance.DisableApiStop,
            SourceDestCheck = Flag("SourceDestCheck") ?? instance.SourceDestCheck,
            EbsOptimized = Flag("EbsOptimized") is { } optimized ? Stopped(instance, optimized, "ebsOptimized") : instance.EbsOptimized,
            EnaSupport = Flag("EnaSupport") is { } ena ? Stopped(instance, ena, "enaSupport") : instance.EnaSupport,
            ShutdownBehavior = Text("InstanceInitiatedShutdownBehavior") is { } behavior ? CheckBehavior(behavior) : instance.ShutdownBehavior,
        };
        var volumes = ReadDevices(call, instance);
        var groups = ResourceKind.SecurityGroup.FindAll(call.State.SecurityGroups, parameters.List("GroupId")).Select(static group => group.Id).ToList();
        call.State.Instances[instance.Id] = changed;
        foreach (var volume in volumes)
        {
            call.State.Volumes[volume.Id] = volume;
        }

        if (groups.Count > 0)
        {
            var primary = call.State.NetworkInterfaces.Values.First(nic => nic.InstanceId == instance.Id && nic.DeviceIndex == 0);
            call.State.NetworkInterfaces[primary.Id] = primary with { GroupIds = groups };
        }

        call.Response.AddSuccess();
    }

    /// <summary>The volumes as they are after the request's changes of their DeleteOnTermination.</summary>
    private static List<VolumeRecord> ReadDevices(Ec2Call call, InstanceRecord instance)
    {
        var volumes = new List<VolumeRecord>();
        foreach (var mapping in call.Parameters.Structures("BlockDeviceMapping"))
        {
            if (mapping.Boolean("Ebs.DeleteOnTermination") is not { } delete) continue;
            var name = mapping.Text("DeviceName") ?? "";
            var (volume, attachment) = InstanceView.Of(instance, call.State).Devices.FirstOrDefault(device => device.Attachment.Device == name);
            if (volume is null)
            {
                throw Ec2Errors.Create("InvalidInstanceAttributeValue", $"No device is currently mapped at {name}");
            }

            volumes.Add(volume with
            {
                Attachments = [.. volume.Attachments.Select(item => item == attachment ? item with { DeleteOnTermination = delete } : item)],
            });
        }

        return volumes;
    }

    private static T Stopped<T>(InstanceRecord instance, T value, string attribute) => instance.State == InstanceStates.Stopped
        ? value
        : throw Ec2Errors.Create(
            "IncorrectInstanceState", $"The instance '{instance.Id}' is not in the 'stopped' state; '{attribute}' cannot be modified.");

    private static string CheckType(InstanceRecord instance, string name)
    {
        if (!InstanceTypeTable.All.TryGetValue(name, out var type) || !type.Family.Architectures.Contains(instance.Architecture))
        {
            throw Ec2Errors.Create("InvalidInstanceAttributeValue", $"Invalid value '{name}' for instanceType of the instance '{instance.Id}'.");
        }

        return Stopped(instance, name, "instanceType");
    }

    private static string CheckBehavior(string behavior) => behavior is "stop" or "terminate"
        ? behavior
        : throw Ec2Errors.Create("InvalidInstanceAttributeValue", $"Invalid value '{behavior}' for instanceInitiatedShutdownBehavior.");
}
