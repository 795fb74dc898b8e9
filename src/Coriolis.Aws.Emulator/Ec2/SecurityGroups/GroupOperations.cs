using Coriolis.Aws.Emulator.Ec2.Networking;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.SecurityGroups;

/// <summary>Creates, lists and deletes security groups.</summary>
internal static class GroupOperations
{
    private static readonly FilterTable<SecurityGroupRecord> s_filters = new FilterTable<SecurityGroupRecord>
    {
        { "description", static group => group.Description },
        { "egress.ip-permission.cidr", static group => Select(group, true, static rule => rule.CidrIpv4) },
        { "egress.ip-permission.from-port", static group => Select(group, true, static rule => RuleXml.Port(rule.FromPort)) },
        { "egress.ip-permission.group-id", static group => Select(group, true, static rule => rule.PeerGroupId) },
        { "egress.ip-permission.protocol", static group => Select(group, true, static rule => rule.Protocol) },
        { "egress.ip-permission.to-port", static group => Select(group, true, static rule => RuleXml.Port(rule.ToPort)) },
        { "group-id", static group => group.Id },
        { "group-name", static group => group.Name },
        { "ip-permission.cidr", static group => Select(group, false, static rule => rule.CidrIpv4) },
        { "ip-permission.from-port", static group => Select(group, false, static rule => RuleXml.Port(rule.FromPort)) },
        { "ip-permission.group-id", static group => Select(group, false, static rule => rule.PeerGroupId) },
        { "ip-permission.ipv6-cidr", static group => Select(group, false, static rule => rule.CidrIpv6) },
        { "ip-permission.protocol", static group => Select(group, false, static rule => rule.Protocol) },
        { "ip-permission.to-port", static group => Select(group, false, static rule => RuleXml.Port(rule.ToPort)) },
        { "vpc-id", static group => group.VpcId },
    }.WithTags(static group => group.Tags);

    public static void Create(Ec2Call call)
    {
        var name = call.Parameters.Required("GroupName");
        var description = call.Parameters.Required("GroupDescription");
        var vpc = call.Parameters.Text("VpcId") is { } vpcId
            ? ResourceKind.Vpc.Find(call.State.Vpcs, vpcId)
            : call.State.Vpcs.Values.FirstOrDefault(static vpc => vpc.IsDefault) ?? throw SubnetChoice.NoDefaultVpc();
        if (name.Length > 255 || name.StartsWith("sg-", StringComparison.Ordinal))
        {
            throw Ec2Errors.InvalidValue($"Invalid security group name '{name}': at most 255 characters, not beginning with sg-.");
        }

        if (name == RegionFurnishing.DefaultGroupName) throw Ec2Errors.Create("InvalidParameterValue", "Cannot use reserved security group name: default");
        if (call.State.SecurityGroups.Values.Any(group => group.Name == name && group.VpcId == vpc.Id))
        {
            throw Ec2Errors.Create("InvalidGroup.Duplicate", $"The security group '{name}' already exists for VPC '{vpc.Id}'");
        }

        var tags = TagSpecifications.Read(call.Parameters, ResourceKind.SecurityGroup);
        var (id, sequence) = call.Region.NextId("sg");
        call.State.SecurityGroups[id] = new SecurityGroupRecord
        {
            Id = id,
            Sequence = sequence,
            Tags = tags,
            Name = name,
            Description = description,
            VpcId = vpc.Id,
            // New groups let everything out.
            Rules = [new SecurityRule { Id = call.Region.NextId("sgr").Id, Egress = true, Protocol = "-1", CidrIpv4 = "0.0.0.0/0" }],
        };
        call.Response.AddSuccess();
        call.Response.Add("groupId", id);
        call.Response.AddTags(tags);
        call.Response.Add("securityGroupArn", call.Region.Arn("ec2", $"security-group/{id}"));
    }

    public static void Describe(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "GroupId", "groupIds");
        var names = call.Parameters.List("GroupName");
        foreach (var name in names)
        {
            _ = FindByName(call, name);
        }

        var groups = ResourceKind.SecurityGroup.FindAllOrEvery(call.State.SecurityGroups, call.Parameters.List("GroupId"))
            .Where(group => names.Count == 0 || names.Contains(group.Name));
        var page = Pages.Take(call, s_filters.Apply(call.Parameters, groups), static group => Pages.Sequence(group.Sequence));
        call.Response.AddList("securityGroupInfo", page, group => RuleXml.WriteGroup(call.Response, call.Region, group));
    }

    public static void Delete(Ec2Call call)
    {
        var group = Find(call);
        if (group.Name == RegionFurnishing.DefaultGroupName)
        {
            throw Ec2Errors.Create("CannotDelete", $"the specified group: \"{group.Id}\" name: \"default\" cannot be deleted by a user");
        }

        var used = call.State.NetworkInterfaces.Values.Any(nic => nic.GroupIds.Contains(group.Id))
            || call.State.SecurityGroups.Values.Any(other => other.Id != group.Id && other.Rules.Any(rule => rule.PeerGroupId == group.Id));
        if (used) throw Ec2Errors.Create("DependencyViolation", $"resource {group.Id} has a dependent object");
        call.State.SecurityGroups.TryRemove(group.Id, out _);
        call.Response.AddSuccess();
        call.Response.Add("groupId", group.Id);
    }

    /// <summary>The group that a request names by id or, in the default VPC, by name.</summary>
    public static SecurityGroupRecord Find(Ec2Call call)
    {
        if (call.Parameters.Text("GroupId") is { Length: > 0 } id) return ResourceKind.SecurityGroup.Find(call.State.SecurityGroups, id);
        return call.Parameters.Text("GroupName") is { Length: > 0 } name ? FindByName(call, name) : throw Ec2Errors.Missing("GroupId");
    }

    private static SecurityGroupRecord FindByName(Ec2Call call, string name) =>
        call.State.SecurityGroups.Values.FirstOrDefault(group => group.Name == name)
        ?? throw Ec2Errors.Create("InvalidGroup.NotFound", $"The security group '{name}' does not exist in default VPC");

    private static IEnumerable<string?> Select(SecurityGroupRecord group, bool egress, Func<SecurityRule, string?> value) =>
        group.Rules.Where(rule => rule.Egress == egress).Select(value);
}
