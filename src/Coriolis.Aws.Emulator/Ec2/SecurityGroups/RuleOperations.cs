using System.Net;
using System.Net.Sockets;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.SecurityGroups;

/// <summary>Adds and removes the rules of security groups.</summary>
internal static class RuleOperations
{
    // The VPC quota "Inbound or outbound rules per security group".
    private const int MaxRules = 60;

    public static void AuthorizeIngress(Ec2Call call) => Authorize(call, egress: false);

    public static void AuthorizeEgress(Ec2Call call) => Authorize(call, egress: true);

    public static void RevokeIngress(Ec2Call call) => Revoke(call, egress: false);

    public static void RevokeEgress(Ec2Call call) => Revoke(call, egress: true);

    private static void Authorize(Ec2Call call, bool egress)
    {
        var group = GroupOperations.Find(call);
        var tags = TagSpecifications.Read(call.Parameters, ResourceKind.SecurityGroupRule);
        var requested = ReadRules(call, egress);
        if (requested.Count == 0) throw Ec2Errors.Missing("IpPermissions");
        var added = new List<SecurityRule>();
        foreach (var rule in requested)
        {
            if (group.Rules.Concat(added).FirstOrDefault(rule.SamePermission) is { } existing)
            {
                throw Ec2Errors.Create("InvalidPermission.Duplicate", $"the specified rule \"{Explain(existing)}\" already exists");
            }

            added.Add(rule with { Id = call.Region.NextId("sgr").Id, Tags = tags });
        }

        if (group.Rules.Count(rule => rule.Egress == egress) + added.Count > MaxRules)
        {
            throw Ec2Errors.Create("RulesPerSecurityGroupLimitExceeded", $"The maximum number of rules per security group has been reached: {MaxRules}.");
        }

        call.State.SecurityGroups[group.Id] = group with { Rules = [.. group.Rules, .. added] };
        call.Response.AddSuccess();
        call.Response.AddList("securityGroupRuleSet", added, rule => RuleXml.WriteRule(call.Response, call.Region, group.Id, rule));
    }

    private static void Revoke(Ec2Call call, bool egress)
    {
        var group = GroupOperations.Find(call);
        var byId = call.Parameters.List("SecurityGroupRuleId").Select(id =>
            group.Rules.FirstOrDefault(rule => rule.Id == id && rule.Egress == egress) ?? throw ResourceKind.SecurityGroupRule.NotFound(id));
        var byValue = ReadRules(call, egress).Select(wanted =>
            group.Rules.FirstOrDefault(wanted.SamePermission)
            ?? throw Ec2Errors.Create("InvalidPermission.NotFound", "The specified rule does not exist in this security group."));
        var removed = byId.Concat(byValue).Distinct().ToList();
        if (removed.Count == 0) throw Ec2Errors.Missing("IpPermissions");
        call.State.SecurityGroups[group.Id] = group with { Rules = [.. group.Rules.Except(removed)] };
        call.Response.AddSuccess();
        call.Response.AddList("revokedSecurityGroupRuleSet", removed, rule =>
        {
            call.Response.Add("securityGroupRuleId", rule.Id);
            call.Response.Add("groupId", group.Id);
            call.Response.Add("isEgress", rule.Egress);
            call.Response.Add("ipProtocol", rule.Protocol);
            call.Response.Add("fromPort", rule.FromPort);
            call.Response.Add("toPort", rule.ToPort);
            call.Response.Add("cidrIpv4", rule.CidrIpv4);
            call.Response.Add("cidrIpv6", rule.CidrIpv6);
            call.Response.Add("prefixListId", rule.PrefixListId);
            call.Response.Add("referencedGroupId", rule.PeerGroupId);
            call.Response.Add("description", rule.Description);
        });
    }

    private static List<SecurityRule> ReadRules(Ec2Call call, bool egress)
    {
        var rules = call.Parameters.Structures("IpPermissions").SelectMany(permission => ReadPermission(call, permission, egress)).ToList();
        if (call.Parameters.Text("IpProtocol") is { } protocol)
        {
            // The older form has one rule in flat parameters.
            rules.Add(NewRule(egress, protocol, call.Parameters) with { CidrIpv4 = Cidr(call.Parameters.Required("CidrIp"), AddressFamily.InterNetwork) });
        }

        return rules;
    }

    private static IEnumerable<SecurityRule> ReadPermission(Ec2Call call, QueryParameters permission, bool egress)
    {
        if (permission.Text("IpProtocol") is not { } protocol) throw Ec2Errors.Missing("IpPermissions.IpProtocol");
        var rule = NewRule(egress, protocol, permission);
        foreach (var range in permission.Structures("IpRanges"))
        {
            yield return rule with { CidrIpv4 = Cidr(range.Text("CidrIp") ?? "", AddressFamily.InterNetwork), Description = range.Text("Description") };
        }

        foreach (var range in permission.Structures("Ipv6Ranges"))
        {
            yield return rule with { CidrIpv6 = Cidr(range.Text("CidrIpv6") ?? "", AddressFamily.InterNetworkV6), Description = range.Text("Description") };
        }

        foreach (var list in permission.Structures("PrefixListIds"))
        {
            yield return rule with { PrefixListId = list.Text("PrefixListId"), Description = list.Text("Description") };
        }

        foreach (var peer in permission.Structures("Groups"))
        {
            var id = peer.Text("GroupId") ?? call.State.SecurityGroups.Values.FirstOrDefault(group => group.Name == peer.Text("GroupName"))?.Id;
            yield return rule with
            {
                PeerGroupId = ResourceKind.SecurityGroup.Find(call.State.SecurityGroups, id ?? "").Id,
                Description = peer.Text("Description"),
            };
        }
    }

    private static SecurityRule NewRule(bool egress, string protocol, QueryParameters permission)
    {
        var name = protocol switch
        {
            "6" => "tcp",
            "17" => "udp",
            "1" => "icmp",
            "58" => "icmpv6",
            _ => protocol,
        };
        if (name is not ("tcp" or "udp" or "icmp" or "icmpv6" or "-1") && !byte.TryParse(name, out _))
        {
            throw Ec2Errors.InvalidValue($"Invalid value '{protocol}' for IP protocol. Unknown protocol.");
        }

        var from = permission.Integer("FromPort") ?? -1;
        var to = permission.Integer("ToPort") ?? -1;
        if (name is "tcp" or "udp" && (from is < 0 or > 65535 || to is < 0 or > 65535 || from > to))
        {
            throw Ec2Errors.InvalidValue($"Invalid TCP/UDP port range ({from}:{to})");
        }

        return new SecurityRule { Id = "", Egress = egress, Protocol = name, FromPort = name == "-1" ? -1 : from, ToPort = name == "-1" ? -1 : to };
    }

    /// <summary>The block in the form that AWS keeps: the bits behind the prefix are zero, so that each block has one spelling.</summary>
    private static string Cidr(string value, AddressFamily family) =>
        value.Contains('/') && IPNetwork.TryParse(value, out var network) && network.BaseAddress.AddressFamily == family
            ? network.ToString()
            : throw Ec2Errors.InvalidValue($"CIDR block {value} is malformed");

    private static string Explain(SecurityRule rule) =>
        $"peer: {rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? rule.PeerGroupId}, {rule.Protocol}, from port: {rule.FromPort}, to port: {rule.ToPort}, ALLOW";
}
