using Amazon.EC2.Model;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Ebs;

internal sealed class EncryptionTests : BlockApiFixture
{
    private AmazonKeyManagementServiceClient _kms;

    [SetUp]
    public void SetUpKms() => _kms = new AmazonKeyManagementServiceClient(
        new BasicAWSCredentials(Host.Emulator.AccessKeyId, Host.Emulator.SecretAccessKey),
        new AmazonKeyManagementServiceConfig
        {
            ServiceURL = Host.Emulator.Endpoint.ToString(),
            AuthenticationRegion = TestEmulator.Region,
            MaxErrorRetry = 0,
        });

    [TearDown]
    public void TearDownKms() => _kms.Dispose();

    [Test]
    public async Task GetSnapshotBlock_KeyDisabled_IsDeniedUntilItIsEnabled()
    {
        var (keyId, snapshotId) = await CreateEncryptedAsync();
        var token = await FindTokenAsync(snapshotId, 1);
        await _kms.DisableKeyAsync(keyId);
        using var denied = await GetBlockAsync(snapshotId, 1, token);
        await _kms.EnableKeyAsync(keyId);

        using var allowed = await GetBlockAsync(snapshotId, 1, token);

        Assert.That(await SignedClient.ReadErrorAsync(denied), Is.EqualTo("403 AccessDeniedException DEPENDENCY_ACCESS_DENIED"));
        Assert.That(allowed.IsSuccessStatusCode);
    }

    [Test]
    public async Task ListSnapshotBlocks_KeyDeleted_IsAnInvalidKey()
    {
        var (keyId, snapshotId) = await CreateEncryptedAsync();
        await _kms.ScheduleKeyDeletionAsync(keyId, 7);
        using var pending = await Ebs.GetAsync($"/snapshots/{snapshotId}/blocks");
        Host.Time.Advance(TimeSpan.FromDays(7));

        using var gone = await Ebs.GetAsync($"/snapshots/{snapshotId}/blocks");

        Assert.That(await SignedClient.ReadErrorAsync(pending), Is.EqualTo("403 AccessDeniedException DEPENDENCY_ACCESS_DENIED"));
        Assert.That(await SignedClient.ReadErrorAsync(gone), Is.EqualTo("400 ValidationException INVALID_CUSTOMER_KEY"));
    }

    [Test]
    public async Task CreateVolume_EncryptedWithoutKey_UsesTheKeyOfAws()
    {
        var volume = await Host.CreateVolumeAsync(configure: request => request.Encrypted = true);

        var key = (await _kms.DescribeKeyAsync("alias/aws/ebs")).KeyMetadata;
        Assert.That(volume.KmsKeyId, Is.EqualTo(key.Arn));
        Assert.That(key.KeyManager, Is.EqualTo(KeyManagerType.AWS));
    }

    [Test]
    public async Task CreateVolume_KeyDisabled_VanishesInsteadOfBecomingAvailable()
    {
        var keyId = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        await _kms.DisableKeyAsync(keyId);

        var volume = await Host.CreateVolumeAsync(configure: request => (request.Encrypted, request.KmsKeyId) = (true, keyId));

        var error = await TestEmulator.ErrorCodeAsync(() =>
            Host.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [volume.VolumeId] }));
        Assert.That(error, Is.EqualTo("InvalidVolume.NotFound"));
    }

    private async Task<(string KeyId, string SnapshotId)> CreateEncryptedAsync()
    {
        var keyId = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        var volume = await Host.CreateVolumeAsync(configure: request => (request.Encrypted, request.KmsKeyId) = (true, keyId));
        WriteBlock(volume.VolumeId, 1, 1);
        return (keyId, await CreateSnapshotAsync(volume.VolumeId));
    }
}
