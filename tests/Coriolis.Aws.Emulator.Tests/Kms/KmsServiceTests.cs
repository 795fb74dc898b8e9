using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Kms;

internal sealed class KmsServiceTests
{
    private TestEmulator _host;
    private AmazonKeyManagementServiceClient _kms;

    [SetUp]
    public async Task SetUpAsync()
    {
        _host = await TestEmulator.StartAsync();
        _kms = CreateClient();
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        _kms.Dispose();
        await _host.DisposeAsync();
    }

    [Test]
    public async Task DescribeKey_ByIdArnAliasAndAliasArn_IsTheSameKey()
    {
        var key = (await _kms.CreateKeyAsync(new CreateKeyRequest { Description = "disks" })).KeyMetadata;
        await _kms.CreateAliasAsync(new CreateAliasRequest { AliasName = "alias/disks", TargetKeyId = key.KeyId });
        var aliasArn = (await _kms.ListAliasesAsync(new ListAliasesRequest { KeyId = key.KeyId })).Aliases.Single().AliasArn;

        foreach (var name in new List<string> { key.KeyId, key.Arn, "alias/disks", aliasArn })
        {
            var described = (await _kms.DescribeKeyAsync(name)).KeyMetadata;
            Assert.That(described.Arn, Is.EqualTo(key.Arn));
            Assert.That(described.Description, Is.EqualTo("disks"));
            Assert.That(described.KeyManager, Is.EqualTo(KeyManagerType.CUSTOMER));
            Assert.That(described.CreationDate, Is.EqualTo(_host.Time.GetUtcNow().UtcDateTime));
        }
    }

    [Test]
    public async Task CreateKey_MultiRegion_HasAnMrkId()
    {
        var key = (await _kms.CreateKeyAsync(new CreateKeyRequest { MultiRegion = true })).KeyMetadata;

        Assert.That(key.KeyId, Does.StartWith("mrk-"));
        Assert.That((await _kms.DescribeKeyAsync(key.KeyId)).KeyMetadata.MultiRegion, Is.True);
    }

    [Test]
    public async Task KeyStates_DisableScheduleAndCancel_FollowEachOther()
    {
        var keyId = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;

        await _kms.DisableKeyAsync(keyId);
        var disabled = await DescribeStateAsync(keyId);
        await _kms.EnableKeyAsync(keyId);
        var enabled = await DescribeStateAsync(keyId);
        await _kms.ScheduleKeyDeletionAsync(keyId, 7);
        var pending = await DescribeStateAsync(keyId);
        await _kms.CancelKeyDeletionAsync(keyId);

        Assert.That((disabled, enabled, pending), Is.EqualTo((KeyState.Disabled, KeyState.Enabled, KeyState.PendingDeletion)));
        Assert.That(await DescribeStateAsync(keyId), Is.EqualTo(KeyState.Disabled));
    }

    [Test]
    public async Task DescribeKey_AfterRestart_IsUnchanged()
    {
        var keyId = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        await _kms.DisableKeyAsync(keyId);

        await _host.RestartAsync();
        _kms.Dispose();
        _kms = CreateClient();

        Assert.That(await DescribeStateAsync(keyId), Is.EqualTo(KeyState.Disabled));
    }

    [Test]
    public void DescribeKey_Unknown_IsNotFound() =>
        Assert.ThrowsAsync<NotFoundException>(() => _kms.DescribeKeyAsync("11111111-2222-3333-4444-555555555555"));

    [Test]
    public async Task DescribeKey_OfAnotherRegion_IsNotFound()
    {
        var arn = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.Arn;
        using var elsewhere = CreateClient("us-east-1");

        Assert.ThrowsAsync<NotFoundException>(() => elsewhere.DescribeKeyAsync(arn));
    }

    [Test]
    public async Task CreateAlias_NameTaken_IsRefused()
    {
        var keyId = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        await _kms.CreateAliasAsync("alias/x", keyId);

        Assert.ThrowsAsync<AlreadyExistsException>(() => _kms.CreateAliasAsync("alias/x", keyId));
    }

    [Test]
    public async Task Grants_CreatedRevokedAndRetired_AreListedWhileTheyExist()
    {
        var keyId = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        var first = await CreateGrantAsync(keyId);
        var second = await CreateGrantAsync(keyId);
        var listed = (await _kms.ListGrantsAsync(new ListGrantsRequest { KeyId = keyId })).Grants;

        await _kms.RevokeGrantAsync(new RevokeGrantRequest { KeyId = keyId, GrantId = first.GrantId });
        await _kms.RetireGrantAsync(new RetireGrantRequest { GrantToken = second.GrantToken });

        Assert.That(listed.Select(grant => grant.GrantId), Is.EquivalentTo(new List<string> { first.GrantId, second.GrantId }));
        Assert.That(listed[0].Operations, Is.EqualTo(new List<string> { "Decrypt", "CreateGrant" }));
        Assert.That((await _kms.ListGrantsAsync(new ListGrantsRequest { KeyId = keyId })).Grants, Is.Null.Or.Empty);
    }

    [Test]
    public async Task DryRun_OfEveryOperationThatHasIt_SaysSoAndChangesNothing()
    {
        var keyId = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        var grant = await CreateGrantAsync(keyId);
        var blob = (await _kms.EncryptAsync(new EncryptRequest { KeyId = keyId, Plaintext = new MemoryStream([1]) })).CiphertextBlob;
        List<Func<AmazonKeyManagementServiceClient, Task>> calls =
        [
            kms => kms.CreateGrantAsync(new CreateGrantRequest { KeyId = keyId, GranteePrincipal = "arn:aws:iam::123456789012:role/x", Operations = ["Decrypt"], DryRun = true }),
            kms => kms.RevokeGrantAsync(new RevokeGrantRequest { KeyId = keyId, GrantId = grant.GrantId, DryRun = true }),
            kms => kms.RetireGrantAsync(new RetireGrantRequest { GrantToken = grant.GrantToken, DryRun = true }),
            kms => kms.RetireGrantAsync(new RetireGrantRequest { KeyId = keyId, GrantId = grant.GrantId, DryRun = true }),
            kms => kms.EncryptAsync(new EncryptRequest { KeyId = keyId, Plaintext = new MemoryStream([1]), DryRun = true }),
            kms => kms.DecryptAsync(new DecryptRequest { CiphertextBlob = blob, DryRun = true }),
            kms => kms.GenerateDataKeyAsync(new GenerateDataKeyRequest { KeyId = keyId, KeySpec = DataKeySpec.AES_256, DryRun = true }),
            kms => kms.GenerateDataKeyWithoutPlaintextAsync(
                new GenerateDataKeyWithoutPlaintextRequest { KeyId = keyId, KeySpec = DataKeySpec.AES_256, DryRun = true }),
        ];

        foreach (var call in calls)
        {
            var error = await _kms.AssertFailsAsync(call);
            Assert.That((error.ErrorCode, (int)error.StatusCode), Is.EqualTo(("DryRunOperationException", 412)));
        }

        var left = (await _kms.ListGrantsAsync(new ListGrantsRequest { KeyId = keyId })).Grants;
        Assert.That(left.Select(static item => item.GrantId), Is.EqualTo(new[] { grant.GrantId }));
    }

    [Test]
    public async Task DryRun_OfWhatWouldFail_IsTheFailure()
    {
        var keyId = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        await _kms.DisableKeyAsync(keyId);

        var disabled = await _kms.AssertFailsAsync(kms => kms.GenerateDataKeyWithoutPlaintextAsync(
            new GenerateDataKeyWithoutPlaintextRequest { KeyId = keyId, KeySpec = DataKeySpec.AES_256, DryRun = true }));
        var unknown = await _kms.AssertFailsAsync(kms => kms.RevokeGrantAsync(new RevokeGrantRequest { KeyId = keyId, GrantId = "none", DryRun = true }));

        Assert.That((disabled.ErrorCode, unknown.ErrorCode), Is.EqualTo(("DisabledException", "NotFoundException")));
    }

    [Test]
    public async Task GenerateDataKeyWithoutPlaintext_Decrypted_NeedsTheSameContextAndAWorkingKey()
    {
        var key = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata;
        var context = new Dictionary<string, string> { ["aws:ebs:id"] = "vol-1", ["other"] = "x" };
        var generated = await _kms.GenerateDataKeyWithoutPlaintextAsync(
            new GenerateDataKeyWithoutPlaintextRequest { KeyId = key.KeyId, KeySpec = DataKeySpec.AES_256, EncryptionContext = context });
        DecryptRequest Request(Dictionary<string, string>? with) => new() { CiphertextBlob = generated.CiphertextBlob, EncryptionContext = with };

        var decrypted = await _kms.DecryptAsync(Request(context));
        var again = await _kms.DecryptAsync(Request(context));
        var withoutContext = await _kms.AssertFailsAsync(kms => kms.DecryptAsync(Request(null)));
        await _kms.DisableKeyAsync(key.KeyId);
        var disabled = await _kms.AssertFailsAsync(kms => kms.DecryptAsync(Request(context)));

        Assert.Multiple(() =>
        {
            Assert.That(decrypted.KeyId, Is.EqualTo(key.Arn));
            Assert.That(decrypted.Plaintext.Length, Is.EqualTo(32));
            Assert.That(again.Plaintext.ToArray(), Is.EqualTo(decrypted.Plaintext.ToArray()));
            Assert.That((withoutContext.ErrorCode, disabled.ErrorCode), Is.EqualTo(("InvalidCiphertextException", "DisabledException")));
        });
    }

    [Test]
    public async Task Decrypt_AfterRestartOrOfOtherBytes_KnowsItsOwnOnly()
    {
        var key = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata;
        var other = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata;
        var blob = (await _kms.EncryptAsync(new EncryptRequest { KeyId = key.KeyId, Plaintext = new MemoryStream([1, 2, 3]) })).CiphertextBlob.ToArray();
        await _host.RestartAsync();
        _kms.Dispose();
        _kms = CreateClient();

        var decrypted = await _kms.DecryptAsync(new DecryptRequest { CiphertextBlob = new MemoryStream(blob) });
        var wrongKey = await _kms.AssertFailsAsync(kms => kms.DecryptAsync(new DecryptRequest { CiphertextBlob = new MemoryStream(blob), KeyId = other.KeyId }));
        blob[^1] ^= 1;
        var changed = await _kms.AssertFailsAsync(kms => kms.DecryptAsync(new DecryptRequest { CiphertextBlob = new MemoryStream(blob) }));
        var foreign = await _kms.AssertFailsAsync(kms => kms.DecryptAsync(new DecryptRequest { CiphertextBlob = new MemoryStream([1, 200, 3]) }));

        Assert.That(decrypted.Plaintext.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(
            (wrongKey.ErrorCode, changed.ErrorCode, foreign.ErrorCode),
            Is.EqualTo(("IncorrectKeyException", "InvalidCiphertextException", "InvalidCiphertextException")));
    }

    [Test]
    public async Task DirectUse_OfTheKeyThatAwsManages_IsDenied()
    {
        var denied = await _kms.AssertFailsAsync(kms => kms.GenerateDataKeyAsync(new GenerateDataKeyRequest { KeyId = "alias/aws/ebs", KeySpec = DataKeySpec.AES_256 }));

        Assert.That(denied.ErrorCode, Is.EqualTo("AccessDeniedException"));
    }

    [Test]
    public async Task ListKeys_Limit_PagesThroughAll()
    {
        for (var number = 0; number < 5; number++)
        {
            await _kms.CreateKeyAsync(new CreateKeyRequest());
        }

        var found = new List<string>();
        for (string? marker = null; ;)
        {
            var page = await _kms.ListKeysAsync(new ListKeysRequest { Limit = 2, Marker = marker });
            found.AddRange(page.Keys.Select(key => key.KeyId));
            if (page.Truncated is not true)
            {
                break;
            }

            marker = page.NextMarker;
        }

        Assert.That(found, Is.Unique.And.Count.EqualTo(6), "five and the key of AWS");
    }

    private Task<CreateGrantResponse> CreateGrantAsync(string keyId) => _kms.CreateGrantAsync(new CreateGrantRequest
    {
        KeyId = keyId,
        GranteePrincipal = "arn:aws:iam::123456789012:role/worker",
        Operations = ["Decrypt", "CreateGrant"],
    });

    private async Task<KeyState> DescribeStateAsync(string keyId) => (await _kms.DescribeKeyAsync(keyId)).KeyMetadata.KeyState;

    private AmazonKeyManagementServiceClient CreateClient(string region = TestEmulator.Region) => new(
        new BasicAWSCredentials(_host.Emulator.AccessKeyId, _host.Emulator.SecretAccessKey),
        new AmazonKeyManagementServiceConfig { ServiceURL = _host.Emulator.Endpoint.ToString(), AuthenticationRegion = region, MaxErrorRetry = 0 });
}
