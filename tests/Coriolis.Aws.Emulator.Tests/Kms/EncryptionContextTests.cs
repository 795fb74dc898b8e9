using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Coriolis.Aws.Emulator.Tests.Hosting;

namespace Coriolis.Aws.Emulator.Tests.Kms;

internal sealed class EncryptionContextTests
{
    private const string Nothing = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}""";

    private TestEmulator _host;
    private AmazonKeyManagementServiceClient _kms;
    private string _keyId;

    [SetUp]
    public async Task SetUpAsync()
    {
        _host = await TestEmulator.StartAsync();
        _kms = CreateClient(_host.Emulator.Credential);
        _keyId = (await _kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        _kms.Dispose();
        await _host.DisposeAsync();
    }

    [TestCase("team=storage", true)]
    [TestCase("team=network", false)]
    [TestCase("team=storage,disk=1", false)]
    [TestCase("", false)]
    public async Task Encrypt_WithPolicyOnTheContext_NeedsThatContext(string context, bool allowed)
    {
        var credential = await _host.Emulator.Admin.CreateCredentialAsync(["""
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*",
             "Condition":{"StringEquals":{"kms:EncryptionContext:team":"storage"},"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":"team"}}}}
            """]);

        Assert.That(await CanEncryptAsync(credential, context), Is.EqualTo(allowed));
    }

    [TestCase("team=storage,disk=1", true, true)]
    [TestCase("team=storage,disk=1,more=x", true, false)]
    [TestCase("team=storage", false, false)]
    [TestCase("", false, false)]
    public async Task Encrypt_WithConstrainedGrant_NeedsAContextOfTheConstraint(string context, bool inSubset, bool equal)
    {
        var limits = Context("team=storage,disk=1");

        var bySubset = await CanEncryptAsync(await GrantAsync(new GrantConstraints { EncryptionContextSubset = limits }), context);
        var byEquality = await CanEncryptAsync(await GrantAsync(new GrantConstraints { EncryptionContextEquals = limits }), context);

        Assert.That((bySubset, byEquality), Is.EqualTo((inSubset, equal)));
    }

    [Test]
    public async Task DescribeKey_WithConstrainedGrant_HasNoContextAndIsAllowed()
    {
        using var kms = CreateClient(await GrantAsync(new GrantConstraints { EncryptionContextSubset = Context("team=storage") }));

        Assert.That((await kms.DescribeKeyAsync(_keyId)).KeyMetadata.KeyId, Is.EqualTo(_keyId));
    }

    private static Dictionary<string, string> Context(string text) => text
        .Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(static pair => pair.Split('='))
        .ToDictionary(static pair => pair[0], static pair => pair[1]);

    /// <summary>Makes somebody whom a grant alone lets use the key.</summary>
    private async Task<EmulatorCredential> GrantAsync(GrantConstraints constraints)
    {
        var credential = await _host.Emulator.Admin.CreateCredentialAsync([Nothing]);
        await _kms.CreateGrantAsync(new CreateGrantRequest
        {
            KeyId = _keyId,
            GranteePrincipal = $"arn:aws:iam::123456789012:user/{credential.AccessKeyId}",
            Operations = ["Encrypt", "DescribeKey"],
            Constraints = constraints,
        });
        return credential;
    }

    private async Task<bool> CanEncryptAsync(EmulatorCredential credential, string context)
    {
        using var kms = CreateClient(credential);
        try
        {
            await kms.EncryptAsync(new EncryptRequest { KeyId = _keyId, Plaintext = new MemoryStream([1]), EncryptionContext = Context(context) });
            return true;
        }
        catch (AmazonKeyManagementServiceException error) when (error.ErrorCode == "AccessDeniedException")
        {
            return false;
        }
    }

    private AmazonKeyManagementServiceClient CreateClient(EmulatorCredential credential) => new(
        new BasicAWSCredentials(credential.AccessKeyId, credential.SecretAccessKey),
        new AmazonKeyManagementServiceConfig { ServiceURL = _host.Emulator.Endpoint.ToString(), AuthenticationRegion = TestEmulator.Region, MaxErrorRetry = 0 });
}
