using Amazon.EC2.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ec2.SecurityGroups;

internal sealed class SecurityGroupTests
{
    [Test]
    public async Task Rules_AddedTwiceAndRemoved_AnswerTheirErrors()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var group = await emulator.Ec2.CreateSecurityGroupAsync(new CreateSecurityGroupRequest { GroupName = "worker", Description = "d" });
        List<IpPermission> ssh =
        [
            new IpPermission { IpProtocol = "tcp", FromPort = 22, ToPort = 22, Ipv4Ranges = [new IpRange { CidrIp = "192.0.2.0/24" }] },
        ];
        var add = new AuthorizeSecurityGroupIngressRequest { GroupId = group.GroupId, IpPermissions = ssh };
        var remove = new RevokeSecurityGroupIngressRequest { GroupId = group.GroupId, IpPermissions = ssh };

        await emulator.Ec2.AuthorizeSecurityGroupIngressAsync(add);
        var duplicate = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.AuthorizeSecurityGroupIngressAsync(add));
        var described = (await emulator.Ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest { GroupIds = [group.GroupId] })).SecurityGroups.Single();
        await emulator.Ec2.RevokeSecurityGroupIngressAsync(remove);
        var missing = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.RevokeSecurityGroupIngressAsync(remove));

        Assert.Multiple(() =>
        {
            Assert.That(duplicate, Is.EqualTo("InvalidPermission.Duplicate"));
            Assert.That(described.IpPermissions.Single().Ipv4Ranges.Single().CidrIp, Is.EqualTo("192.0.2.0/24"));
            Assert.That(described.IpPermissionsEgress.Single().IpProtocol, Is.EqualTo("-1"));
            Assert.That(missing, Is.EqualTo("InvalidPermission.NotFound"));
        });
    }

    [Test]
    public async Task Rules_OfTheSameBlockSpelledOtherwise_AreOneRule()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var group = await emulator.Ec2.CreateSecurityGroupAsync(new CreateSecurityGroupRequest { GroupName = "worker", Description = "d" });
        IpPermission Ssh(string cidr) => new() { IpProtocol = "tcp", FromPort = 22, ToPort = 22, Ipv4Ranges = [new IpRange { CidrIp = cidr }] };
        AuthorizeSecurityGroupIngressRequest Add(params List<IpPermission> rules) => new() { GroupId = group.GroupId, IpPermissions = rules };

        var added = await emulator.Ec2.AuthorizeSecurityGroupIngressAsync(Add(
            Ssh("100.68.0.18/18"),
            new IpPermission { IpProtocol = "-1", Ipv6Ranges = [new Ipv6Range { CidrIpv6 = "2001:DB8::1/32" }] }));
        var duplicate = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.AuthorizeSecurityGroupIngressAsync(Add(Ssh("100.68.63.1/18"))));
        var described = await DescribeAsync();
        await emulator.Ec2.RevokeSecurityGroupIngressAsync(
            new RevokeSecurityGroupIngressRequest { GroupId = group.GroupId, IpPermissions = [Ssh("100.68.1.0/18")] });

        Assert.That(added.SecurityGroupRules.Select(static rule => rule.CidrIpv4 ?? rule.CidrIpv6), Is.EqualTo(new[] { "100.68.0.0/18", "2001:db8::/32" }));
        Assert.That(duplicate, Is.EqualTo("InvalidPermission.Duplicate"));
        Assert.That(described, Is.EqualTo(new[] { "100.68.0.0/18" }));
        Assert.That(await DescribeAsync(), Is.Empty);

        async Task<IEnumerable<string>> DescribeAsync()
        {
            var response = await emulator.Ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest { GroupIds = [group.GroupId] });
            return response.SecurityGroups.Single().IpPermissions.SelectMany(static rule => rule.Ipv4Ranges ?? []).Select(static range => range.CidrIp);
        }
    }

    [TestCase("::/0", null)]
    [TestCase(null, "0.0.0.0/0")]
    public async Task AuthorizeSecurityGroupIngress_BlockOfTheOtherFamily_IsRefusedAndAddsNothing(string? cidr, string? cidrIpv6)
    {
        await using var emulator = await TestEmulator.StartAsync();
        var group = await emulator.Ec2.CreateSecurityGroupAsync(new CreateSecurityGroupRequest { GroupName = "worker", Description = "d" });
        var rule = new IpPermission { IpProtocol = "-1" };
        if (cidr is not null) rule.Ipv4Ranges = [new IpRange { CidrIp = cidr }];
        if (cidrIpv6 is not null) rule.Ipv6Ranges = [new Ipv6Range { CidrIpv6 = cidrIpv6 }];

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.AuthorizeSecurityGroupIngressAsync(
            new AuthorizeSecurityGroupIngressRequest { GroupId = group.GroupId, IpPermissions = [rule] }));

        var described = (await emulator.Ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest { GroupIds = [group.GroupId] })).SecurityGroups.Single();
        Assert.That(code, Is.EqualTo("InvalidParameterValue"));
        Assert.That(described.IpPermissions ?? [], Is.Empty);
    }

    [Test]
    public async Task EgressRules_AddedListedAndRemovedById_LeaveTheDefaultRule()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var group = await emulator.Ec2.CreateSecurityGroupAsync(new CreateSecurityGroupRequest { GroupName = "worker", Description = "d" });
        var added = await emulator.Ec2.AuthorizeSecurityGroupEgressAsync(new AuthorizeSecurityGroupEgressRequest
        {
            GroupId = group.GroupId,
            IpPermissions =
            [
                new IpPermission
                {
                    IpProtocol = "tcp",
                    FromPort = 443,
                    ToPort = 444,
                    Ipv4Ranges = [new IpRange { CidrIp = "10.0.0.0/8", Description = "api" }],
                    UserIdGroupPairs = [new UserIdGroupPair { GroupId = group.GroupId }],
                },
            ],
        });

        var byGroup = await emulator.Ec2.DescribeSecurityGroupRulesAsync(new DescribeSecurityGroupRulesRequest { Filters = [new Filter("group-id", [group.GroupId])] });
        var rule = added.SecurityGroupRules.Single(static item => item.CidrIpv4 is not null);
        var byId = await emulator.Ec2.DescribeSecurityGroupRulesAsync(new DescribeSecurityGroupRulesRequest { SecurityGroupRuleIds = [rule.SecurityGroupRuleId] });
        var removed = await emulator.Ec2.RevokeSecurityGroupEgressAsync(new RevokeSecurityGroupEgressRequest
        {
            GroupId = group.GroupId,
            SecurityGroupRuleIds = [.. added.SecurityGroupRules.Select(static item => item.SecurityGroupRuleId)],
        });

        var left = (await emulator.Ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest { GroupIds = [group.GroupId] })).SecurityGroups.Single();
        Assert.Multiple(() =>
        {
            Assert.That(added.SecurityGroupRules, Has.Count.EqualTo(2).And.All.Property(nameof(SecurityGroupRule.IsEgress)).True);
            Assert.That((rule.FromPort, rule.ToPort, rule.Description), Is.EqualTo((443, 444, "api")));
            Assert.That(byGroup.SecurityGroupRules, Has.Count.EqualTo(3));
            Assert.That(byId.SecurityGroupRules.Single().CidrIpv4, Is.EqualTo("10.0.0.0/8"));
            Assert.That(removed.RevokedSecurityGroupRules, Has.Count.EqualTo(2));
            Assert.That(left.IpPermissionsEgress.Single().IpProtocol, Is.EqualTo("-1"));
        });
    }

    [Test]
    public async Task DeleteSecurityGroup_OfARunningInstance_IsRefusedUntilItIsTerminated()
    {
        await using var emulator = await TestEmulator.StartAsync(
            static options => options.Delays = new EmulatorDelays { InstanceTerminate = TimeSpan.FromSeconds(30) });
        var group = await emulator.Ec2.CreateSecurityGroupAsync(new CreateSecurityGroupRequest { GroupName = "worker", Description = "d" });
        var instance = await emulator.LaunchAsync(configure: request => request.SecurityGroupIds = [group.GroupId]);
        await emulator.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest { InstanceIds = [instance.InstanceId] });
        var delete = new DeleteSecurityGroupRequest { GroupId = group.GroupId };

        var code = await TestEmulator.ErrorCodeAsync(() => emulator.Ec2.DeleteSecurityGroupAsync(delete));
        emulator.Time.Advance(TimeSpan.FromSeconds(30));
        await emulator.Ec2.DeleteSecurityGroupAsync(delete);

        Assert.Multiple(async () =>
        {
            Assert.That(code, Is.EqualTo("DependencyViolation"));
            Assert.That(await emulator.Emulator.Admin.GetResourcesAsync(TestEmulator.Region), Is.Empty);
        });
    }
}
