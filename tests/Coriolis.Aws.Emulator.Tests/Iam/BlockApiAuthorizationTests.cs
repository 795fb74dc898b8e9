using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Coriolis.Aws.Emulator.Tests.Ebs;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Iam;

internal sealed class BlockApiAuthorizationTests : BlockApiFixture
{
    [Test]
    public async Task ListSnapshotBlocks_WithPolicyOnSnapshotArns_IsAllowedPerAction()
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));
        using var ebs = await RestrictedAsync(Allow("ebs:ListSnapshotBlocks", "arn:aws:ec2:eu-west-1::snapshot/*"));

        using var listed = await ebs.GetAsync($"/snapshots/{snapshotId}/blocks");
        var token = await FindTokenAsync(snapshotId, 1);
        using var read = await ebs.GetAsync($"/snapshots/{snapshotId}/blocks/1?blockToken={Uri.EscapeDataString(token)}");

        var text = await read.Content.ReadAsStringAsync();
        Assert.That(listed.IsSuccessStatusCode);
        Assert.That(await SignedClient.ReadErrorAsync(read), Is.EqualTo("403 AccessDeniedException -"));
        Assert.That(text, Does.Contain(
            $"is not authorized to perform: ebs:GetSnapshotBlock on resource: arn:aws:ec2:eu-west-1::snapshot/{snapshotId} because no identity-based policy allows the ebs:GetSnapshotBlock action"));
    }

    [TestCase("us", true)]
    [TestCase("them", false)]
    public async Task ListSnapshotBlocks_LimitedByTag_SeesTheSnapshotsTags(string owner, bool allowed)
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));
        await Host.Ec2.CreateTagsAsync(new CreateTagsRequest([snapshotId], [new Amazon.EC2.Model.Tag("owner", owner)]));
        using var ebs = await RestrictedAsync("""
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ebs:*","Resource":"arn:aws:ec2:*::snapshot/*",
             "Condition":{"StringEquals":{"aws:ResourceTag/owner":"us"}}}}
            """);

        using var listed = await ebs.GetAsync($"/snapshots/{snapshotId}/blocks");

        Assert.That(listed.IsSuccessStatusCode, Is.EqualTo(allowed));
    }

    [Test]
    public async Task GetSnapshotBlock_Encrypted_NeedsDecryptThroughEc2()
    {
        var (keyArn, snapshotId) = await CreateEncryptedAsync();
        const string Reads = """{"Effect":"Allow","Action":["ebs:ListSnapshotBlocks","ebs:GetSnapshotBlock"],"Resource":"*"}""";
        var decrypt = $$"""
            {"Effect":"Allow","Action":"kms:Decrypt","Resource":"{{keyArn}}",
             "Condition":{"StringLike":{"kms:ViaService":"ec2.*.amazonaws.com","kms:EncryptionContext:aws:ebs:id":"vol-*"} } }
            """;
        using var without = await RestrictedAsync($$"""{"Version":"2012-10-17","Statement":[{{Reads}}]}""");
        using var with = await RestrictedAsync($$"""{"Version":"2012-10-17","Statement":[{{Reads}},{{decrypt}}]}""");

        using var denied = await without.GetAsync($"/snapshots/{snapshotId}/blocks");
        using var allowed = await with.GetAsync($"/snapshots/{snapshotId}/blocks");

        Assert.That(await SignedClient.ReadErrorAsync(denied), Is.EqualTo("403 AccessDeniedException DEPENDENCY_ACCESS_DENIED"));
        Assert.That(allowed.IsSuccessStatusCode);
    }

    [Test]
    public async Task GetSnapshotBlock_WithGrantInsteadOfPolicy_IsAllowed()
    {
        var (keyArn, snapshotId) = await CreateEncryptedAsync();
        var credential = await Host.Emulator.Admin.CreateCredentialAsync([Allow("ebs:*", "*")]);
        using var kms = CreateKms(Host.Emulator.Credential);
        await kms.CreateGrantAsync(new CreateGrantRequest
        {
            KeyId = keyArn,
            GranteePrincipal = $"arn:aws:iam::123456789012:user/{credential.AccessKeyId}",
            Operations = ["Decrypt"],
        });
        using var ebs = new SignedClient(Host.Emulator.Endpoint, credential.AccessKeyId, credential.SecretAccessKey, "ebs");

        using var allowed = await ebs.GetAsync($"/snapshots/{snapshotId}/blocks");

        Assert.That(allowed.IsSuccessStatusCode);
    }

    [Test]
    public async Task DescribeKey_NotAllowed_IsKmssDenial()
    {
        var (keyArn, _) = await CreateEncryptedAsync();
        using var kms = CreateKms(await Host.Emulator.Admin.CreateCredentialAsync([Allow("ec2:*", "*")]));

        var error = await kms.AssertFailsAsync(client => client.DescribeKeyAsync(keyArn));

        Assert.That((error.ErrorCode, (int)error.StatusCode), Is.EqualTo(("AccessDeniedException", 400)));
        Assert.That(error.Message, Does.Contain($"is not authorized to perform: kms:DescribeKey on resource: {keyArn} because no identity-based policy allows"));
    }

    [Test]
    public async Task StartInstances_EncryptedWithoutCreateGrant_StopsAgain()
    {
        var (keyArn, _) = await CreateEncryptedAsync();
        var seeded = await Host.Emulator.Admin.CreateInstanceAsync(TestEmulator.Region, new InstanceSeed
        {
            Volumes = [new VolumeSeed { SizeGiB = 1, Encrypted = true, KmsKeyId = keyArn }],
            State = "stopped",
        });
        const string Start = """{"Effect":"Allow","Action":"ec2:StartInstances","Resource":"*"}""";
        const string Grant = """{"Effect":"Allow","Action":"kms:CreateGrant","Resource":"*","Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}}""";

        var without = await StartAsync(seeded.InstanceId, $$"""{"Version":"2012-10-17","Statement":[{{Start}}]}""");
        var with = await StartAsync(seeded.InstanceId, $$"""{"Version":"2012-10-17","Statement":[{{Start}},{{Grant}}]}""");

        Assert.That((without.State.Name.Value, without.StateReason.Code), Is.EqualTo(("stopped", "Client.InternalError")));
        Assert.That(with.State.Name, Is.EqualTo(InstanceStateName.Running));
    }

    [Test]
    public async Task StartInstances_KeyDisabled_IsPendingAndStopsAgainUntilItIsEnabled()
    {
        var (keyArn, _) = await CreateEncryptedAsync();
        using var kms = CreateKms(Host.Emulator.Credential);
        var seeded = await Host.Emulator.Admin.CreateInstanceAsync(TestEmulator.Region, new InstanceSeed
        {
            Volumes = [new VolumeSeed { SizeGiB = 1 }, new VolumeSeed { SizeGiB = 1, Encrypted = true, KmsKeyId = keyArn }],
            State = "stopped",
        });
        List<string> ids = [seeded.InstanceId];

        await kms.DisableKeyAsync(keyArn);
        var answer = (await Host.Ec2.StartInstancesAsync(new StartInstancesRequest(ids))).StartingInstances.Single();
        var failed = await Host.DescribeAsync(seeded.InstanceId);
        await kms.EnableKeyAsync(keyArn);
        await Host.Ec2.StartInstancesAsync(new StartInstancesRequest(ids));
        var started = await Host.DescribeAsync(seeded.InstanceId);

        Assert.Multiple(() =>
        {
            Assert.That(answer.CurrentState.Name, Is.EqualTo(InstanceStateName.Pending));
            Assert.That(failed.State.Name, Is.EqualTo(InstanceStateName.Stopped));
            Assert.That((failed.StateReason.Code, failed.StateReason.Message), Is.EqualTo(("Client.InternalError", "Client.InternalError: Client error on launch")));
            Assert.That((started.State.Name, started.StateReason), Is.EqualTo((InstanceStateName.Running, (StateReason?)null)));
        });
    }

    [Test]
    public async Task RunInstances_EncryptedWithoutCreateGrant_TerminatesAndLeavesNoVolume()
    {
        var (_, snapshotId) = await CreateEncryptedAsync();
        var image = await Host.FindImageAsync();
        var before = (await Host.Ec2.DescribeVolumesAsync()).Volumes.Count;
        const string Launch = """{"Effect":"Allow","Action":["ec2:*","kms:GenerateDataKeyWithoutPlaintext"],"Resource":"*"}""";
        const string Grant = """{"Effect":"Allow","Action":"kms:CreateGrant","Resource":"*"}""";

        var without = await LaunchAsync($$"""{"Version":"2012-10-17","Statement":[{{Launch}}]}""");
        var afterFailure = (await Host.Ec2.DescribeVolumesAsync()).Volumes.Count;
        var with = await LaunchAsync($$"""{"Version":"2012-10-17","Statement":[{{Launch}},{{Grant}}]}""");

        Assert.That((without.State.Name.Value, without.StateReason.Code), Is.EqualTo(("terminated", "Client.InternalError")));
        Assert.That(afterFailure, Is.EqualTo(before));
        Assert.That(with.State.Name, Is.EqualTo(InstanceStateName.Running));

        async Task<Instance> LaunchAsync(string policy)
        {
            var credential = await Host.Emulator.Admin.CreateCredentialAsync([policy]);
            var ec2 = Host.CreateEc2(TestEmulator.Region, new BasicAWSCredentials(credential.AccessKeyId, credential.SecretAccessKey));
            var launched = await ec2.RunInstancesAsync(new RunInstancesRequest
            {
                ImageId = image,
                InstanceType = InstanceType.T3Micro,
                MinCount = 1,
                MaxCount = 1,
                BlockDeviceMappings = [new BlockDeviceMapping { DeviceName = "/dev/sdf", Ebs = new EbsBlockDevice { SnapshotId = snapshotId } }],
            });
            return await Host.DescribeAsync(launched.Reservation.Instances.Single().InstanceId);
        }
    }

    private static string Allow(string action, string resource) =>
        $$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"{{action}}","Resource":"{{resource}}"} }""";

    private async Task<Instance> StartAsync(string instanceId, string policy)
    {
        var credential = await Host.Emulator.Admin.CreateCredentialAsync([policy]);
        var ec2 = Host.CreateEc2(TestEmulator.Region, new BasicAWSCredentials(credential.AccessKeyId, credential.SecretAccessKey));
        await ec2.StartInstancesAsync(new StartInstancesRequest([instanceId]));
        return await Host.DescribeAsync(instanceId);
    }

    private async Task<(string KeyArn, string SnapshotId)> CreateEncryptedAsync()
    {
        using var kms = CreateKms(Host.Emulator.Credential);
        var keyArn = (await kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.Arn;
        var volume = await Host.CreateVolumeAsync(configure: request => (request.Encrypted, request.KmsKeyId) = (true, keyArn));
        WriteBlock(volume.VolumeId, 1, 1);
        return (keyArn, await CreateSnapshotAsync(volume.VolumeId));
    }

    private async Task<SignedClient> RestrictedAsync(string policy)
    {
        var credential = await Host.Emulator.Admin.CreateCredentialAsync([policy]);
        return new SignedClient(Host.Emulator.Endpoint, credential.AccessKeyId, credential.SecretAccessKey, "ebs");
    }

    private AmazonKeyManagementServiceClient CreateKms(EmulatorCredential credential) => new(
        new BasicAWSCredentials(credential.AccessKeyId, credential.SecretAccessKey),
        new AmazonKeyManagementServiceConfig
        {
            ServiceURL = Host.Emulator.Endpoint.ToString(),
            AuthenticationRegion = TestEmulator.Region,
            MaxErrorRetry = 0,
        });
}
