using Coriolis.Aws.Emulator.Iam;

namespace Coriolis.Aws.Emulator.Tests.Iam;

internal sealed class PolicyTests
{
    private const string Snapshot = "arn:aws:ec2:eu-west-1::snapshot/snap-0123456789abcdef0";

    [TestCase("*", true)]
    [TestCase("ec2:*", true)]
    [TestCase("ec2:Delete*", true)]
    [TestCase("EC2:deletesnapshot", true)]
    [TestCase("ec2:DeleteSnapsho?", true)]
    [TestCase("ec2:DeleteVolume", false)]
    [TestCase("ebs:*", false)]
    public void Decide_Action_MatchesByWildcardWithoutRegardToCase(string action, bool allowed)
    {
        Assert.That(Allows($$"""{"Effect":"Allow","Action":"{{action}}","Resource":"*"}"""), Is.EqualTo(allowed));
    }

    [TestCase(Snapshot, true)]
    [TestCase("arn:aws:ec2:*::snapshot/*", true)]
    [TestCase("arn:aws:ec2:eu-west-1:*:snapshot/*", true, TestName = "Decide_AccountWildcard_MatchesAnArnWithoutAccount")]
    [TestCase("arn:aws:ec2", true, TestName = "Decide_IncompleteArn_IsCompletedByWildcards")]
    [TestCase("arn:aws:ec2:us-east-1::snapshot/*", false)]
    [TestCase("arn:aws:ec2:eu-west-1:123456789012:snapshot/*", false)]
    [TestCase("arn:aws:ec2:eu-west-1::volume/*", false)]
    [TestCase("arn:aws:*/snap-0123456789abcdef0", false, TestName = "Decide_WildcardAcrossParts_DoesNotMatch")]
    [TestCase("arn:aws:ec2:EU-WEST-1::snapshot/*", false)]
    public void Decide_Resource_MatchesPartByPart(string resource, bool allowed)
    {
        Assert.That(Allows($$"""{"Effect":"Allow","Action":"ec2:DeleteSnapshot","Resource":["{{resource}}"]}"""), Is.EqualTo(allowed));
    }

    [TestCase("""{"Effect":"Allow","NotAction":"ec2:Run*","Resource":"*"}""", true)]
    [TestCase("""{"Effect":"Allow","NotAction":["ec2:Delete*"],"Resource":"*"}""", false)]
    [TestCase("""{"Effect":"Allow","Action":"*","NotResource":"arn:aws:ec2:*::snapshot/*"}""", false)]
    [TestCase("""{"Effect":"Allow","Action":"*","NotResource":"arn:aws:ec2:*:*:volume/*"}""", true)]
    public void Decide_NotElements_CoverEverythingElse(string statement, bool allowed)
    {
        Assert.That(Allows(statement), Is.EqualTo(allowed));
    }

    // The request has: aws:ResourceTag/owner = us, aws:TagKeys = [owner, role], ec2:VolumeSize = 8, ec2:Encrypted = true,
    // aws:CurrentTime = 2026-03-01T12:00:00Z, aws:SourceIp = 127.0.0.1, aws:PrincipalArn = …:role/path/replicator, aws:username = us.
    [TestCase("""{"StringEquals":{"aws:ResourceTag/owner":"us"}}""", true)]
    [TestCase("""{"StringEquals":{"AWS:resourceTAG/OWNER":["them","us"]}}""", true, TestName = "Decide_KeyOfOtherCase_IsTheSameKey")]
    [TestCase("""{"StringEquals":{"aws:ResourceTag/owner":"US"}}""", false)]
    [TestCase("""{"StringEquals":{"aws:ResourceTag/owner":"u*"}}""", false, TestName = "Decide_StringEquals_HasNoWildcards")]
    [TestCase("""{"StringEqualsIgnoreCase":{"aws:ResourceTag/owner":"US"}}""", true)]
    [TestCase("""{"StringLike":{"aws:ResourceTag/owner":"u*"}}""", true)]
    [TestCase("""{"StringNotLike":{"aws:ResourceTag/owner":"u*"}}""", false)]
    [TestCase("""{"StringNotEquals":{"aws:ResourceTag/owner":["them","us"]}}""", false)]
    [TestCase("""{"StringEquals":{"aws:ResourceTag/absent":"us"}}""", false)]
    [TestCase("""{"StringNotEquals":{"aws:ResourceTag/absent":"us"}}""", true, TestName = "Decide_NegatedOnAbsentKey_Holds")]
    [TestCase("""{"StringEqualsIfExists":{"aws:ResourceTag/absent":"us"}}""", true)]
    [TestCase("""{"StringEqualsIfExists":{"aws:ResourceTag/owner":"them"}}""", false)]
    [TestCase("""{"StringEquals":{"aws:ResourceTag/owner":"${aws:username}"}}""", true)]
    [TestCase("""{"StringEquals":{"aws:ResourceTag/owner":"${aws:nobody}"}}""", false)]
    [TestCase("""{"StringEquals":{"aws:ResourceTag/owner":"${aws:nobody, 'us'}"}}""", true)]
    [TestCase("""{"StringLike":{"aws:ResourceTag/owner":"${*}"}}""", false)]
    [TestCase("""{"ForAllValues:StringEquals":{"aws:TagKeys":["owner","role","more"]}}""", true)]
    [TestCase("""{"ForAllValues:StringEquals":{"aws:TagKeys":["owner"]}}""", false)]
    [TestCase("""{"ForAllValues:StringEquals":{"aws:absent":["owner"]}}""", true)]
    [TestCase("""{"ForAnyValue:StringEquals":{"aws:TagKeys":["role"]}}""", true)]
    [TestCase("""{"ForAnyValue:StringLike":{"aws:TagKeys":["x*"]}}""", false)]
    [TestCase("""{"ForAnyValue:StringEqualsIfExists":{"aws:absent":["role"]}}""", false)]
    [TestCase("""{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["role"]}}""", true)]
    [TestCase("""{"ForAllValues:StringNotEquals":{"aws:TagKeys":["role"]}}""", false)]
    [TestCase("""{"Null":{"aws:ResourceTag/owner":"false"}}""", true)]
    [TestCase("""{"Null":{"aws:ResourceTag/owner":true}}""", false)]
    [TestCase("""{"Null":{"aws:ResourceTag/absent":"true"}}""", true)]
    [TestCase("""{"Bool":{"ec2:Encrypted":true}}""", true)]
    [TestCase("""{"Bool":{"ec2:Encrypted":"false"}}""", false)]
    [TestCase("""{"NumericLessThanEquals":{"ec2:VolumeSize":8}}""", true)]
    [TestCase("""{"NumericLessThan":{"ec2:VolumeSize":"8"}}""", false)]
    [TestCase("""{"NumericGreaterThan":{"ec2:VolumeSize":"7"}}""", true)]
    [TestCase("""{"DateGreaterThan":{"aws:CurrentTime":"2026-03-01T11:59:59Z"}}""", true)]
    [TestCase("""{"DateLessThan":{"aws:CurrentTime":"2026-03-01T11:59:59Z"}}""", false)]
    [TestCase("""{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}""", true)]
    [TestCase("""{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","127.0.0.1"]}}""", false)]
    [TestCase("""{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}""", true)]
    [TestCase("""{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/path/replicator"}}""", true)]
    [TestCase("""{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*"}}""", false)]
    [TestCase("""{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}""", false)]
    [TestCase("""{"StringEquals":{"aws:ResourceTag/owner":"us"},"Bool":{"ec2:Encrypted":"false"}}""", false, TestName = "Decide_TwoOperators_MustBothHold")]
    [TestCase("""{"StringEquals":{"aws:ResourceTag/owner":"us","aws:ResourceTag/absent":"x"}}""", false, TestName = "Decide_TwoKeys_MustBothHold")]
    public void Decide_Condition_HoldsAsIamSays(string condition, bool allowed)
    {
        Assert.That(Allows($$"""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{condition}}}"""), Is.EqualTo(allowed));
    }

    [Test]
    public void Decide_AllowAndDeny_DenyWins()
    {
        var policies = Set("""{"Effect":"Allow","Action":"*","Resource":"*"}""", """{"Effect":"Deny","Action":"ec2:DeleteSnapshot","Resource":"*"}""");

        Assert.That(policies.Decide(Request()), Is.EqualTo(AccessDecision.DeniedByIdentity));
    }

    [Test]
    public void Decide_SessionPolicy_OnlyNarrows()
    {
        var all = Document("""{"Effect":"Allow","Action":"*","Resource":"*"}""");
        var reads = Document("""{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}""");

        Assert.Multiple(() =>
        {
            Assert.That(new PolicySet([all], [reads]).Decide(Request()), Is.EqualTo(AccessDecision.NotAllowedBySession));
            Assert.That(new PolicySet([reads], [all]).Decide(Request()), Is.EqualTo(AccessDecision.NotAllowedByIdentity));
            Assert.That(new PolicySet([], [reads]).Decide(Request()), Is.EqualTo(AccessDecision.NotAllowedBySession));
            Assert.That(new PolicySet([all], [all]).Decide(Request()), Is.EqualTo(AccessDecision.Allowed));
        });
    }

    [Test]
    public void Decide_ResourceThatDoesNotExist_IsNotJudgedByItsTags()
    {
        const string Condition = """ "Resource":"*","Condition":{"StringEquals":{"ec2:ResourceTag/absent":"x"}} """;
        var gone = Request() with { ResourceUnknown = true };

        Assert.Multiple(() =>
        {
            Assert.That(Set($$"""{"Effect":"Allow","Action":"ec2:DeleteSnapshot",{{Condition}}}""").Decide(gone), Is.EqualTo(AccessDecision.Allowed));
            Assert.That(Set($$"""{"Effect":"Allow","Action":"ec2:DeleteVolume",{{Condition}}}""").Decide(gone), Is.EqualTo(AccessDecision.NotAllowedByIdentity));
        });
    }

    [TestCase("", "JSON")]
    [TestCase("[]", "JSON")]
    [TestCase("{}", "Statement is missing")]
    [TestCase("""{"Version":"2020-01-01","Statement":[]}""", "Version is '2020-01-01'")]
    [TestCase("""{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}""", "Statement[0]: Effect must be Allow or Deny")]
    [TestCase("""{"Statement":[{"Effect":"Allow","Action":"*"}]}""", "either Resource or NotResource")]
    [TestCase("""{"Statement":[{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}]}""", "either Action or NotAction")]
    [TestCase("""{"Statement":[{"Effect":"Allow","Action":"DeleteSnapshot","Resource":"*"}]}""", "no service prefix")]
    [TestCase("""{"Statement":[{"Effect":"Allow","Action":"*","Resource":"snapshot/*"}]}""", "must be an ARN")]
    [TestCase("""{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}]}""", "'Principal' is not an element")]
    [TestCase("""{"Statement":[{"Effect":"Allow","Action":[],"Resource":"*"}]}""", "Action is empty")]
    [TestCase("""{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEqual":{"a":"b"}}}]}""", "'StringEqual' is not a condition operator")]
    [TestCase("""{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NullIfExists":{"a":"true"}}}]}""", "'NullIfExists' is not")]
    public void Read_WhatIamWouldRefuse_SaysWhatAndWhere(string json, string problem)
    {
        var error = Assert.Throws<FormatException>(() => PolicyReader.Read(json));

        Assert.That(error.Message, Does.Contain(problem));
    }

    private static bool Allows(string statement) => Set(statement).Decide(Request()) == AccessDecision.Allowed;

    private static PolicySet Set(params string[] statements) => new([Document(statements)], []);

    private static PolicyDocument Document(params string[] statements) =>
        PolicyReader.Read($$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', statements)}}]}""");

    private static AccessRequest Request() => new("ec2:DeleteSnapshot", Snapshot, new ContextKeys()
        .AddResourceTags([KeyValuePair.Create("owner", "us")])
        .Add("aws:TagKeys", "owner")
        .Add("aws:TagKeys", "role")
        .Add("ec2:VolumeSize", "8")
        .Add("ec2:Encrypted", true)
        .Add("aws:CurrentTime", "2026-03-01T12:00:00Z")
        .Add("aws:SourceIp", "127.0.0.1")
        .Add("aws:PrincipalArn", "arn:aws:iam::123456789012:role/path/replicator")
        .Add("aws:username", "us"));
}
