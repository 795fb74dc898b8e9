using System.Globalization;
using Coriolis.Aws.Emulator.Ec2.Encryption;
using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Instances;

/// <summary>Starts, stops and terminates instances. Of several, all change or none.</summary>
internal sealed class PowerOperations(EmulatorDelays delays)
{
    /// <summary>Why an instance stops or terminates that its caller did not let decrypt its volumes.</summary>
    public const string ClientError = "Client.InternalError";

    public const string ClientErrorText = ClientError + ": Client error on launch";

    public void Start(Ec2Call call)
    {
        Change(call, instance => instance.State switch
        {
            InstanceStates.Running or InstanceStates.Pending => null,
            InstanceStates.Stopped => Started(call, instance),
            _ => throw WrongState(instance, "started"),
        });
        foreach (var id in call.Parameters.List("InstanceId"))
        {
            AddressPool.RenewPublicIps(call.Region, id);
        }
    }

    /// <summary>A reboot changes nothing that can be seen from outside, but a real machine boots again.</summary>
    public static void Reboot(Ec2Call call)
    {
        var ids = call.Parameters.List("InstanceId");
        if (ids.Count == 0) throw Ec2Errors.Missing("InstanceId");
        foreach (var instance in ResourceKind.Instance.FindAll(call.State.Instances, ids))
        {
            if (instance.State is not (InstanceStates.Running or InstanceStates.Pending)) throw WrongState(instance, "rebooted");
            call.State.Instances[instance.Id] = instance with { Boots = instance.Boots + 1 };
        }

        call.Response.AddSuccess();
    }

    public void Stop(Ec2Call call)
    {
        var hibernate = call.Parameters.Boolean("Hibernate") ?? false;
        Change(call, instance =>
        {
            if (instance.State is InstanceStates.Stopped or InstanceStates.Stopping) return null;
            if (instance.State != InstanceStates.Running) throw WrongState(instance, "stopped");
            if (instance.RootDeviceType != "ebs")
            {
                throw Ec2Errors.Unsupported($"The instance '{instance.Id}' does not have an 'ebs' root device type and cannot be stopped.");
            }

            if (instance.Spot) throw Ec2Errors.Unsupported($"You can't stop the Spot Instance '{instance.Id}' because it is associated with a one-time Spot Instance request.");
            if (instance.DisableApiStop) throw NotPermitted(instance, "stopped", "disableApiStop");
            if (hibernate && !instance.HibernationConfigured)
            {
                throw Ec2Errors.Create("UnsupportedHibernationConfiguration", $"The instance '{instance.Id}' is not configured for hibernation.");
            }

            return ByUser(call, instance, InstanceStates.Stopping, InstanceStates.Stopped, delays.InstanceStop, hibernate ? "Hibernate" : "Shutdown");
        });
    }

    public void Terminate(Ec2Call call) => Change(call, instance => instance.State switch
    {
        InstanceStates.Terminated or InstanceStates.ShuttingDown => null,
        _ when instance.DisableApiTermination => throw NotPermitted(instance, "terminated", "disableApiTermination"),
        _ => ByUser(call, instance, InstanceStates.ShuttingDown, InstanceStates.Terminated, delays.InstanceTerminate, "Shutdown"),
    });

    private InstanceRecord Started(Ec2Call call, InstanceRecord instance)
    {
        // An instance that cannot decrypt its volumes is started and stops again (EC2 user guide, "Instance terminates immediately").
        var works = InstanceView.Of(instance, call.State).Devices.All(device => KeyResolver.CanAttach(call.Region, call.Caller, device.Volume));
        return instance with
        {
            State = InstanceStates.Pending,
            Next = new Transition(works ? InstanceStates.Running : InstanceStates.Stopped, call.Now + delays.InstanceStart),
            LaunchTime = call.Now,
            StateReasonCode = works ? null : ClientError,
            StateReason = works ? null : ClientErrorText,
            TransitionReason = "",
        };
    }

    private static InstanceRecord ByUser(Ec2Call call, InstanceRecord instance, string state, string end, TimeSpan delay, string action) => instance with
    {
        State = state,
        Next = new Transition(end, call.Now + delay),
        StateReasonCode = $"Client.UserInitiated{action}",
        StateReason = $"Client.UserInitiated{action}: User initiated {action.ToLowerInvariant()}",
        TransitionReason = string.Create(CultureInfo.InvariantCulture, $"User initiated ({call.Now:yyyy-MM-dd HH:mm:ss} GMT)"),
    };

    /// <summary>Applies a change to the named instances; null leaves one as it is.</summary>
    private static void Change(Ec2Call call, Func<InstanceRecord, InstanceRecord?> change)
    {
        var ids = call.Parameters.List("InstanceId");
        if (ids.Count == 0) throw Ec2Errors.Missing("InstanceId");
        var changes = ResourceKind.Instance.FindAll(call.State.Instances, ids).Select(instance => (Before: instance, After: change(instance) ?? instance)).ToList();
        foreach (var (_, after) in changes)
        {
            call.State.Instances[after.Id] = after;
        }

        call.Response.AddList("instancesSet", changes, item =>
        {
            call.Response.Add("instanceId", item.After.Id);
            InstanceXml.WriteState(call.Response, "currentState", item.After.State);
            InstanceXml.WriteState(call.Response, "previousState", item.Before.State);
        });
    }

    private static Http.AwsErrorException WrongState(InstanceRecord instance, string action) => Ec2Errors.Create(
        "IncorrectInstanceState", $"The instance '{instance.Id}' is not in a state from which it can be {action}. Its state is '{instance.State}'.");

    private static Http.AwsErrorException NotPermitted(InstanceRecord instance, string action, string attribute) => Ec2Errors.Create(
        "OperationNotPermitted",
        $"The instance '{instance.Id}' may not be {action}. Modify its '{attribute}' instance attribute and try again.");
}
