using System.Globalization;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.SecurityGroups;

/// <summary>Writes security groups, their rules one by one or grouped into permissions.</summary>
internal static class RuleXml
{
    public static string? Port(int port) => port < 0 ? null : port.ToString(CultureInfo.InvariantCulture);

    public static void WriteGroup(Ec2Xml xml, Region region, SecurityGroupRecord group)
    {
        xml.Add("groupId", group.Id);
        xml.Add("groupName", group.Name);
        xml.Add("groupDescription", group.Description);
        xml.Add("ownerId", region.AccountId);
        xml.Add("vpcId", group.VpcId);
        xml.Add("securityGroupArn", region.Arn("ec2", $"security-group/{group.Id}"));
        WritePermissions(xml, region, "ipPermissions", group.Rules.Where(static rule => !rule.Egress));
        WritePermissions(xml, region, "ipPermissionsEgress", group.Rules.Where(static rule => rule.Egress));
        xml.AddTags(group.Tags);
    }

    public static void WriteRule(Ec2Xml xml, Region region, string groupId, SecurityRule rule)
    {
        xml.Add("securityGroupRuleId", rule.Id);
        xml.Add("groupId", groupId);
        xml.Add("groupOwnerId", region.AccountId);
        xml.Add("isEgress", rule.Egress);
        xml.Add("ipProtocol", rule.Protocol);
        xml.Add("fromPort", rule.FromPort);
        xml.Add("toPort", rule.ToPort);
        xml.Add("cidrIpv4", rule.CidrIpv4);
        xml.Add("cidrIpv6", rule.CidrIpv6);
        xml.Add("prefixListId", rule.PrefixListId);
        xml.Add("description", rule.Description);
        xml.AddTags(rule.Tags);
        xml.Add("securityGroupRuleArn", region.Arn("ec2", $"security-group-rule/{rule.Id}"));
        if (rule.PeerGroupId is not { } peer) return;
        xml.Add("referencedGroupInfo", () =>
        {
            xml.Add("groupId", peer);
            xml.Add("userId", region.AccountId);
        });
    }

    public static void WritePermissions(Ec2Xml xml, Region region, string name, IEnumerable<SecurityRule> rules)
    {
        var permissions = rules.GroupBy(static rule => (rule.Protocol, rule.FromPort, rule.ToPort));
        xml.AddList(name, permissions, permission =>
        {
            xml.Add("ipProtocol", permission.Key.Protocol);
            xml.Add("fromPort", Port(permission.Key.FromPort));
            xml.Add("toPort", Port(permission.Key.ToPort));
            xml.AddList("groups", permission.Where(static rule => rule.PeerGroupId is not null), rule =>
            {
                xml.Add("userId", region.AccountId);
                xml.Add("groupId", rule.PeerGroupId);
                xml.Add("description", rule.Description);
            });
            WritePeers(xml, "ipRanges", "cidrIp", permission, static rule => rule.CidrIpv4);
            WritePeers(xml, "ipv6Ranges", "cidrIpv6", permission, static rule => rule.CidrIpv6);
            WritePeers(xml, "prefixListIds", "prefixListId", permission, static rule => rule.PrefixListId);
        });
    }

    private static void WritePeers(Ec2Xml xml, string list, string member, IEnumerable<SecurityRule> rules, Func<SecurityRule, string?> peer) =>
        xml.AddList(list, rules.Where(rule => peer(rule) is not null), rule =>
        {
            xml.Add(member, peer(rule));
            xml.Add("description", rule.Description);
        });
}
