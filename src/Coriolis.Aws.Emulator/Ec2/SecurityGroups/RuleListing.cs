using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.SecurityGroups;

/// <summary>DescribeSecurityGroupRules: the rules of all groups, one by one.</summary>
internal static class RuleListing
{
    private static readonly FilterTable<(SecurityGroupRecord Group, SecurityRule Rule)> s_filters =
        new FilterTable<(SecurityGroupRecord Group, SecurityRule Rule)>
        {
            { "group-id", static item => item.Group.Id },
            { "security-group-rule-id", static item => item.Rule.Id },
        }.WithTags(static item => item.Rule.Tags);

    public static void Describe(Ec2Call call)
    {
        Pages.RefuseWithIds(call, "SecurityGroupRuleId", "securityGroupRuleIds");
        var ids = call.Parameters.List("SecurityGroupRuleId");
        var all = call.State.SecurityGroups.Values.SelectMany(static group => group.Rules.Select(rule => (Group: group, Rule: rule)));
        if (ids.Count > 0)
        {
            var byId = all.ToDictionary(static item => item.Rule.Id, StringComparer.Ordinal);
            all = ResourceKind.SecurityGroupRule.FindAll(byId, ids);
        }

        var page = Pages.Take(call, s_filters.Apply(call.Parameters, all), static item => $"{Pages.Sequence(item.Group.Sequence)} {item.Rule.Id}");
        call.Response.AddList(
            "securityGroupRuleSet", page, item => RuleXml.WriteRule(call.Response, call.Region, item.Group.Id, item.Rule));
    }
}
