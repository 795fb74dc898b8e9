using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Coriolis.Aws.Emulator.Tests.Hosting;
using Tag = Amazon.EC2.Model.Tag;

namespace Coriolis.Aws.Emulator.Tests.Iam;

internal sealed class Ec2AuthorizationTests
{
    private const string CaptureWithTags = """
        {"Version":"2012-10-17","Statement":[
          {"Effect":"Allow","Action":"ec2:CreateSnapshots","Resource":["arn:aws:ec2:*:*:instance/*","arn:aws:ec2:*:*:volume/*"]},
          {"Effect":"Allow","Action":"ec2:CreateSnapshots","Resource":"arn:aws:ec2:*::snapshot/*",
           "Condition":{"StringEquals":{"aws:RequestTag/owner":"us"},"ForAllValues:StringEquals":{"aws:TagKeys":["owner","run"]}}},
          {"Effect":"Allow","Action":"ec2:CreateTags","Resource":"arn:aws:ec2:*::snapshot/*",
           "Condition":{"StringEquals":{"ec2:CreateAction":"CreateSnapshots"}}},
          {"Effect":"Allow","Action":"ec2:DeleteSnapshot","Resource":"arn:aws:ec2:*::snapshot/*",
           "Condition":{"StringEquals":{"ec2:ResourceTag/owner":"us"}}}]}
        """;

    private TestEmulator _host;

    [SetUp]
    public async Task SetUpAsync() => _host = await TestEmulator.StartAsync(static options => options.Quotas = options.Quotas with { SnapshotInterval = TimeSpan.Zero });

    [TearDown]
    public async Task TearDownAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Call_WithPolicyThatAllowsNothing_IsUnauthorizedAndNamesWhoWhatAndWhy()
    {
        var ec2 = await RestrictedAsync(Allow("sts:*", "*"));

        var read = await TestEmulator.ErrorAsync(() => ec2.DescribeInstancesAsync());
        var write = await TestEmulator.ErrorAsync(() => ec2.CreateVolumeAsync(new CreateVolumeRequest { AvailabilityZone = "eu-west-1a", Size = 1 }));

        Assert.Multiple(() =>
        {
            Assert.That((int)read.StatusCode, Is.EqualTo(403));
            Assert.That(read.ErrorCode, Is.EqualTo("UnauthorizedOperation"));
            Assert.That(read.Message, Does.Match(
                "^You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/AKIA.* is not authorized to perform: "
                + "ec2:DescribeInstances because no identity-based policy allows the ec2:DescribeInstances action$"));
            Assert.That(write.Message, Does.Contain("ec2:CreateVolume on resource: arn:aws:ec2:eu-west-1:123456789012:volume/* because")
                .And.Contain("Encoded authorization failure message: "));
        });
    }

    [Test]
    public async Task CreateSnapshots_WithExactPolicy_NeedsInstanceVolumesSnapshotsAndTagging()
    {
        var instance = await _host.LaunchAsync(dataDisks: 1);
        var ec2 = await RestrictedAsync(CaptureWithTags);

        var created = await CaptureAsync(ec2, instance.InstanceId, new Tag("owner", "us"), new Tag("run", "7"));

        Assert.That(created.Snapshots, Has.Count.EqualTo(2));
    }

    [TestCase("arn:aws:ec2:*:*:instance/*", "ec2:CreateSnapshots on resource: arn:aws:ec2:eu-west-1:123456789012:instance/i-")]
    [TestCase("arn:aws:ec2:*:*:volume/*", "ec2:CreateSnapshots on resource: arn:aws:ec2:eu-west-1:123456789012:volume/vol-")]
    [TestCase("ec2:CreateSnapshots\",\"Resource\":\"arn:aws:ec2:*::snapshot/*", "ec2:CreateSnapshots on resource: arn:aws:ec2:eu-west-1::snapshot/*")]
    [TestCase("ec2:CreateTags", "ec2:CreateTags on resource: arn:aws:ec2:eu-west-1::snapshot/*")]
    public async Task CreateSnapshots_WithOnePermissionLess_IsDeniedForThatOneAndMakesNothing(string missing, string denied)
    {
        var instance = await _host.LaunchAsync(dataDisks: 1);
        var less = CaptureWithTags.Replace(missing, missing.Replace("arn:aws:ec2", "arn:aws:none").Replace("ec2:CreateTags", "ec2:DeleteTags"));
        Assert.That(less, Is.Not.EqualTo(CaptureWithTags));
        var ec2 = await RestrictedAsync(less);

        var error = await TestEmulator.ErrorAsync(() => CaptureAsync(ec2, instance.InstanceId, new Tag("owner", "us")));

        var snapshots = await _host.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { OwnerIds = ["self"] });
        Assert.That(error.Message, Does.Contain(denied));
        Assert.That(snapshots.Snapshots ?? [], Is.Empty);
    }

    [Test]
    public async Task CreateSnapshots_WithOtherTags_IsDenied()
    {
        var instance = await _host.LaunchAsync();
        var ec2 = await RestrictedAsync(CaptureWithTags);

        var foreignOwner = await TestEmulator.ErrorCodeAsync(() => CaptureAsync(ec2, instance.InstanceId, new Tag("owner", "them")));
        var moreTags = await TestEmulator.ErrorCodeAsync(() => CaptureAsync(ec2, instance.InstanceId, new Tag("owner", "us"), new Tag("x", "y")));
        var later = await TestEmulator.ErrorCodeAsync(() => ec2.CreateTagsAsync(new CreateTagsRequest([instance.InstanceId], [new Tag("owner", "us")])));

        Assert.That((foreignOwner, moreTags, later), Is.EqualTo(("UnauthorizedOperation", "UnauthorizedOperation", "UnauthorizedOperation")));
    }

    [Test]
    public async Task DeleteSnapshot_LimitedByTag_DeletesOursOnlyAndTwiceIsNotFound()
    {
        var volume = await _host.CreateVolumeAsync();
        var ours = await SnapshotAsync(volume.VolumeId, "us");
        var foreign = await SnapshotAsync(volume.VolumeId, "them");
        var ec2 = await RestrictedAsync(CaptureWithTags);

        await ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest(ours));
        var again = await TestEmulator.ErrorCodeAsync(() => ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest(ours)));
        var denied = await TestEmulator.ErrorCodeAsync(() => ec2.DeleteSnapshotAsync(new DeleteSnapshotRequest(foreign)));

        var left = await _host.Ec2.DescribeSnapshotsAsync(new DescribeSnapshotsRequest { OwnerIds = ["self"] });
        Assert.That((again, denied), Is.EqualTo(("InvalidSnapshot.NotFound", "UnauthorizedOperation")));
        Assert.That(left.Snapshots.Select(static snapshot => snapshot.SnapshotId), Is.EqualTo(new[] { foreign }));
    }

    [Test]
    public async Task DryRun_TellsAllowedFromDenied()
    {
        var instance = await _host.LaunchAsync();
        var ec2 = await RestrictedAsync(Allow("ec2:StopInstances", "*"));

        var allowed = await TestEmulator.ErrorAsync(() => ec2.StopInstancesAsync(new StopInstancesRequest { InstanceIds = [instance.InstanceId], DryRun = true }));
        var denied = await TestEmulator.ErrorAsync(() => ec2.StartInstancesAsync(new StartInstancesRequest { InstanceIds = [instance.InstanceId], DryRun = true }));

        Assert.That((allowed.ErrorCode, denied.ErrorCode), Is.EqualTo(("DryRunOperation", "UnauthorizedOperation")));
        Assert.That((await _host.DescribeAsync(instance.InstanceId)).State.Name, Is.EqualTo(InstanceStateName.Running));
    }

    [Test]
    public async Task CreateVolume_FromSnapshot_NeedsTheSnapshotToo()
    {
        var volume = await _host.CreateVolumeAsync();
        var snapshot = await SnapshotAsync(volume.VolumeId, "us");
        var ec2 = await RestrictedAsync(Allow("ec2:CreateVolume", "arn:aws:ec2:*:*:volume/*"));
        var both = await RestrictedAsync(Allow("ec2:CreateVolume", "arn:aws:ec2:*:*:volume/*"), Allow("ec2:CreateVolume", "arn:aws:ec2:*::snapshot/*"));
        var request = new CreateVolumeRequest { AvailabilityZone = "eu-west-1a", SnapshotId = snapshot };

        var error = await TestEmulator.ErrorAsync(() => ec2.CreateVolumeAsync(request));
        var created = await both.CreateVolumeAsync(request);

        Assert.That(error.Message, Does.Contain($"ec2:CreateVolume on resource: arn:aws:ec2:eu-west-1::snapshot/{snapshot} because"));
        Assert.That(created.Volume.SnapshotId, Is.EqualTo(snapshot));
    }

    [Test]
    public async Task RunInstances_DeniedLargeTypes_LaunchesSmallOnes()
    {
        var image = await _host.FindImageAsync();
        var ec2 = await RestrictedAsync("""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"},
              {"Effect":"Deny","Action":"ec2:RunInstances","Resource":"arn:aws:ec2:*:*:instance/*",
               "Condition":{"StringNotEquals":{"ec2:InstanceType":"t3.micro"}}}]}
            """);
        RunInstancesRequest Request(InstanceType type) => new() { ImageId = image, InstanceType = type, MinCount = 1, MaxCount = 1 };

        var small = await ec2.RunInstancesAsync(Request(InstanceType.T3Micro));
        var error = await TestEmulator.ErrorAsync(() => ec2.RunInstancesAsync(Request(InstanceType.M5Large)));

        Assert.That(small.Reservation.Instances, Has.Count.EqualTo(1));
        Assert.That(error.Message, Does.Contain("instance/* with an explicit deny in an identity-based policy"));
    }

    [Test]
    public async Task RequestedRegion_OutsideThePolicy_IsDenied()
    {
        var credential = await _host.Emulator.Admin.CreateCredentialAsync(
            ["""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}}"""]);
        var here = _host.CreateEc2("eu-west-1", Sdk(credential));
        var there = _host.CreateEc2("us-east-1", Sdk(credential));

        await here.DescribeVolumesAsync();
        var error = await TestEmulator.ErrorCodeAsync(() => there.DescribeVolumesAsync());

        Assert.That(error, Is.EqualTo("UnauthorizedOperation"));
    }

    [Test]
    public async Task DecodeAuthorizationMessage_OfADenial_HasActionResourceAndConditions()
    {
        var ec2 = await RestrictedAsync(Allow("ec2:Describe*", "*"));
        var error = await TestEmulator.ErrorAsync(() => ec2.CreateVolumeAsync(new CreateVolumeRequest { AvailabilityZone = "eu-west-1a", Size = 1 }));
        using var sts = CreateSts(Sdk(_host.Emulator.Credential));

        var decoded = await sts.DecodeAuthorizationMessageAsync(new DecodeAuthorizationMessageRequest { EncodedMessage = error.Message.Split(": ")[^1] });

        Assert.That(decoded.DecodedMessage, Does.StartWith("{\"allowed\":false,\"explicitDeny\":false,")
            .And.Contain("\"action\":\"ec2:CreateVolume\",\"resource\":\"arn:aws:ec2:eu-west-1:123456789012:volume/*\"")
            .And.Contain("\"key\":\"ec2:VolumeSize\""));
        Assert.That(
            (await sts.AssertFailsAsync(client => client.DecodeAuthorizationMessageAsync(new DecodeAuthorizationMessageRequest { EncodedMessage = "AAAA" }))).ErrorCode,
            Is.EqualTo("InvalidAuthorizationMessageException"));
    }

    [Test]
    public async Task AssumeRole_WithRoleAndSessionPolicies_AllowsWhatBothAllow()
    {
        await _host.Emulator.Admin.SetRolePoliciesAsync("replicator", [Allow("ec2:Describe*", "*")]);
        using var sts = CreateSts(Sdk(_host.Emulator.Credential));
        var session = await sts.AssumeRoleAsync(new AssumeRoleRequest
        {
            RoleArn = "arn:aws:iam::123456789012:role/replicator",
            RoleSessionName = "run-7",
            Policy = Allow("ec2:DescribeVolumes", "*"),
        });
        var ec2 = _host.CreateEc2(TestEmulator.Region, session.Credentials);

        await ec2.DescribeVolumesAsync();
        var narrowed = await TestEmulator.ErrorAsync(() => ec2.DescribeInstancesAsync());
        var never = await TestEmulator.ErrorAsync(() => ec2.GetEbsEncryptionByDefaultAsync(new GetEbsEncryptionByDefaultRequest()));

        Assert.That(narrowed.Message, Does.Contain("User: arn:aws:sts::123456789012:assumed-role/replicator/run-7 is not authorized")
            .And.EndsWith("because no session policy allows the ec2:DescribeInstances action"));
        Assert.That(never.Message, Does.EndWith("because no identity-based policy allows the ec2:GetEbsEncryptionByDefault action"));
    }

    [Test]
    public async Task AssumeRole_WithPolicyOnExternalId_NeedsIt()
    {
        var credential = await _host.Emulator.Admin.CreateCredentialAsync(
            ["""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::123456789012:role/replicator","Condition":{"StringEquals":{"sts:ExternalId":"customer-1"}}}}"""]);
        using var sts = CreateSts(Sdk(credential));
        AssumeRoleRequest Request(string? externalId) => new()
        {
            RoleArn = "arn:aws:iam::123456789012:role/replicator",
            RoleSessionName = "run-7",
            ExternalId = externalId,
        };

        var identity = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest());
        await sts.AssumeRoleAsync(Request("customer-1"));
        var error = await sts.AssertFailsAsync(client => client.AssumeRoleAsync(Request(null)));

        Assert.That(error.ErrorCode, Is.EqualTo("AccessDenied"));
        Assert.That(error.Message, Is.EqualTo(
            $"User: {identity.Arn} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/replicator "
            + "because no identity-based policy allows the sts:AssumeRole action"));
    }

    [Test]
    public async Task Restart_KeepsCredentialsAndPolicies()
    {
        var credential = await _host.Emulator.Admin.CreateCredentialAsync([Allow("ec2:DescribeVolumes", "*")]);
        await _host.RestartAsync();
        var ec2 = _host.CreateEc2(TestEmulator.Region, Sdk(credential));

        await ec2.DescribeVolumesAsync();
        var error = await TestEmulator.ErrorCodeAsync(() => ec2.DescribeInstancesAsync());

        Assert.That(error, Is.EqualTo("UnauthorizedOperation"));
    }

    [Test]
    public void StartAsync_PolicyThatIsNone_IsAFormatError()
    {
        var options = new AwsEmulatorOptions { DataDirectory = Path.Combine(_host.Directory, "other") };
        options.Credentials.Add(new EmulatorCredential("AKIAEXAMPLE", "secret") { Policies = ["{}"] });

        Assert.ThrowsAsync<FormatException>(() => AwsEmulator.StartAsync(options));
    }

    private static string Allow(string action, string resource) =>
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"{{action}}","Resource":"{{resource}}"} }""";

    private static BasicAWSCredentials Sdk(EmulatorCredential credential) => new(credential.AccessKeyId, credential.SecretAccessKey);

    private static Task<CreateSnapshotsResponse> CaptureAsync(AmazonEC2Client ec2, string instanceId, params Tag[] tags) =>
        ec2.CreateSnapshotsAsync(new CreateSnapshotsRequest
        {
            InstanceSpecification = new InstanceSpecification { InstanceId = instanceId },
            TagSpecifications = [new TagSpecification { ResourceType = ResourceType.Snapshot, Tags = [.. tags] }],
        });

    private async Task<string> SnapshotAsync(string volumeId, string owner) => (await _host.Ec2.CreateSnapshotAsync(new CreateSnapshotRequest
    {
        VolumeId = volumeId,
        TagSpecifications = [new TagSpecification { ResourceType = ResourceType.Snapshot, Tags = [new Tag("owner", owner)] }],
    })).Snapshot.SnapshotId;

    private async Task<AmazonEC2Client> RestrictedAsync(params string[] policies) =>
        _host.CreateEc2(TestEmulator.Region, Sdk(await _host.Emulator.Admin.CreateCredentialAsync(policies)));

    private AmazonSecurityTokenServiceClient CreateSts(AWSCredentials credentials) => new(credentials, new AmazonSecurityTokenServiceConfig
    {
        ServiceURL = _host.Emulator.Endpoint.ToString(),
        AuthenticationRegion = TestEmulator.Region,
        MaxErrorRetry = 0,
    });
}
