using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Instances;

/// <summary>DescribeInstanceStatus: running instances, or all when asked for.</summary>
internal static class StatusListing
{
    private static readonly FilterTable<InstanceRecord> s_filters = new()
    {
        { "availability-zone", static instance => instance.AvailabilityZone },
        { "availability-zone-id", static instance => ZoneNames.IdOf(instance.AvailabilityZone) },
        { "instance-state-code", static instance => InstanceStates.CodeOf(instance.State) },
        { "instance-state-name", static instance => instance.State },
        { "instance-status.reachability", static instance => Reachability(instance) },
        { "instance-status.status", static instance => Status(instance) },
        { "system-status.reachability", static instance => Reachability(instance) },
        { "system-status.status", static instance => Status(instance) },
    };

    public static void Describe(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "InstanceId", "instancesSet");
        var all = call.Parameters.Boolean("IncludeAllInstances") ?? false;
        var instances = ResourceKind.Instance.FindAllOrEvery(call.State.Instances, call.Parameters.List("InstanceId"))
            .Where(instance => all || instance.State == InstanceStates.Running);
        var page = Pages.Take(call, s_filters.Apply(call.Parameters, instances), static instance => Pages.Sequence(instance.Sequence));
        call.Response.AddList("instanceStatusSet", page, instance => Write(call.Response, instance));
    }

    private static string Status(InstanceRecord instance) => instance.State == InstanceStates.Running ? "ok" : "not-applicable";

    private static string? Reachability(InstanceRecord instance) => instance.State == InstanceStates.Running ? "passed" : null;

    private static void Write(Ec2Xml xml, InstanceRecord instance)
    {
        xml.Add("instanceId", instance.Id);
        xml.Add("availabilityZone", instance.AvailabilityZone);
        xml.Add("availabilityZoneId", ZoneNames.IdOf(instance.AvailabilityZone));
        InstanceXml.WriteState(xml, "instanceState", instance.State);
        WriteSummary(xml, "systemStatus", instance);
        WriteSummary(xml, "instanceStatus", instance);
    }

    private static void WriteSummary(Ec2Xml xml, string name, InstanceRecord instance) => xml.Add(name, () =>
    {
        xml.Add("status", Status(instance));
        if (Reachability(instance) is not { } reachability) return;
        xml.AddList("details", [reachability], status =>
        {
            xml.Add("name", "reachability");
            xml.Add("status", status);
        });
    });
}
