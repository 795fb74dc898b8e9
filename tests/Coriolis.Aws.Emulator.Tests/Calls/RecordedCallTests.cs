using Amazon.EC2.Model;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Coriolis.Aws.Emulator.Tests.Ebs;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Calls;

internal sealed class RecordedCallTests : BlockApiFixture
{
    [Test]
    public async Task GetLatest_CallsOfEachProtocol_SayWhoAskedForWhat()
    {
        var (volumeId, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));
        var token = await FindTokenAsync(snapshotId, 1);
        Host.Emulator.Calls.Clear();

        using var block = await GetBlockAsync(snapshotId, 1, token);
        await TestEmulator.ErrorCodeAsync(() => Host.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = ["vol-0123456789abcdef0"] }));
        await CreateSnapshotAsync(volumeId);

        var calls = Host.Emulator.Calls.GetLatest();
        Assert.That(calls.Select(call => $"{call.Service}:{call.Operation} {call.Status} {call.ErrorCode}"), Is.EqualTo(new List<string>
        {
            "ebs:GetSnapshotBlock 200 ",
            "ec2:DescribeVolumes 400 InvalidVolume.NotFound",
            "ec2:CreateSnapshot 200 ",
        }));
        Assert.That(calls[0].ResourceIds, Is.EqualTo(new List<string> { snapshotId }));
        Assert.That(calls[0].Parameters["blockIndex"], Is.EqualTo("1"));
        Assert.That(calls[0].RequestId, Is.EqualTo(block.Headers.GetValues("x-amzn-RequestId").Single()));
        Assert.That(calls[2].ResourceIds, Is.EqualTo(new List<string> { volumeId }));
        Assert.That(calls[2].UserAgent, Does.Contain("aws-sdk-dotnet"));
        Assert.That(calls.Select(call => (call.Region, call.AccessKeyId)), Is.All.EqualTo((TestEmulator.Region, Host.Emulator.AccessKeyId)));
        Assert.That(calls.Select(call => call.Time), Is.All.EqualTo(Host.Time.GetUtcNow()));
    }

    [Test]
    public async Task CallsFile_AnyCall_HoldsNoTokenAndNoSecret()
    {
        var (_, snapshotId) = await CreateVolumeAndSnapshotAsync((1, 1));
        var token = await FindTokenAsync(snapshotId, 1);
        using var block = await GetBlockAsync(snapshotId, 1, token);

        await RestartAsync();

        var text = await File.ReadAllTextAsync(Path.Combine(Host.Directory, "calls.jsonl"));
        Assert.That(text, Does.Contain("\"GetSnapshotBlock\"").And.Contain(snapshotId));
        Assert.That(text, Does.Not.Contain(token).And.Not.Contain(Host.Emulator.SecretAccessKey));
        Assert.That(text, Does.Not.Contain("Signature"));
    }

    [Test]
    public async Task CallsFile_CallsOfKms_HoldsNoDataAndNoGrantToken()
    {
        using var kms = new AmazonKeyManagementServiceClient(
            new BasicAWSCredentials(Host.Emulator.AccessKeyId, Host.Emulator.SecretAccessKey),
            new AmazonKeyManagementServiceConfig { ServiceURL = Host.Emulator.Endpoint.ToString(), AuthenticationRegion = TestEmulator.Region });
        var keyId = (await kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        var grant = await kms.CreateGrantAsync(new CreateGrantRequest { KeyId = keyId, GranteePrincipal = "arn:aws:iam::123456789012:role/x", Operations = ["Encrypt"] });
        var plaintext = "a secret of the user"u8.ToArray();
        var blob = (await kms.EncryptAsync(new EncryptRequest { KeyId = keyId, Plaintext = new MemoryStream(plaintext), GrantTokens = [grant.GrantToken] })).CiphertextBlob;
        await kms.DecryptAsync(new DecryptRequest { CiphertextBlob = blob });
        await kms.RetireGrantAsync(new RetireGrantRequest { GrantToken = grant.GrantToken });

        await RestartAsync();

        var text = await File.ReadAllTextAsync(Path.Combine(Host.Directory, "calls.jsonl"));
        Assert.That(text, Does.Contain("\"Encrypt\"").And.Contain(keyId));
        Assert.That(text, Does.Not.Contain(Convert.ToBase64String(plaintext)).And.Not.Contain("CiphertextBlob").And.Not.Contain(grant.GrantToken));
    }

    [Test]
    public async Task GetLatest_WrongSecret_IsRecordedAsRefused()
    {
        using var stranger = new SignedClient(Host.Emulator.Endpoint, Host.Emulator.AccessKeyId, "wrong", "ebs");

        using var response = await stranger.GetAsync("/snapshots/snap-1/blocks");

        var call = Host.Emulator.Calls.GetLatest().Single();
        Assert.That((call.Service, call.Status, call.ErrorCode), Is.EqualTo(("ebs", 403, "InvalidSignatureException")));
    }
}
