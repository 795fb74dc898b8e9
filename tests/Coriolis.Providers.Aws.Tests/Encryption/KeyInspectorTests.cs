using Amazon.KeyManagementService.Model;
using Coriolis.Aws.Emulator;
using Coriolis.Providers.Aws.Tests.Support;

namespace Coriolis.Providers.Aws.Tests.Encryption;

public sealed class KeyInspectorTests
{
    private TestAccount _account = null!;
    private SourceInstance _instance = null!;
    private string _keyId = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _account = await TestAccount.StartAsync();
        _keyId = (await _account.Kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        var id = await _account.LaunchAsync("secret", adjust: request =>
        {
            request.BlockDeviceMappings[1].Ebs.Encrypted = true;
            request.BlockDeviceMappings[1].Ebs.KmsKeyId = _keyId;
        });
        _instance = await _account.Provider.GetInstanceAsync(id);
        _account.Emulator.Calls.Clear();
    }

    [TearDown]
    public async Task StopAsync()
    {
        Assert.That(await _account.SnapshotsAsync(), Is.Empty);
        await _account.DisposeAsync();
    }

    [Test]
    public async Task CaptureAsync_EnabledKey_IsDescribedBeforeAnythingIsCreated()
    {
        await using var capture = await CaptureAsync();

        Assert.That(_instance.Disks[1].KmsKeyId, Does.EndWith(_keyId));
        Assert.That(_account.CallsOf("kms:DescribeKey"), Is.EqualTo(1));
    }

    [Test]
    public async Task CaptureAsync_DisabledKey_FailsNamingKeyStateAndPermission()
    {
        await _account.Kms.DisableKeyAsync(new DisableKeyRequest { KeyId = _keyId });

        var error = Assert.ThrowsAsync<SourceException>(CaptureAsync);

        Assert.That(error!.Message, Does.Contain(_keyId).And.Contain("Disabled").And.Contain("kms:EnableKey").And.Contain(_instance.Disks[1].Id));
        Assert.That(_account.CallsOf("ec2:CreateSnapshots"), Is.Zero);
    }

    [Test]
    public async Task CaptureAsync_KeyPendingDeletion_FailsSayingHowToCancel()
    {
        await _account.Kms.ScheduleKeyDeletionAsync(new ScheduleKeyDeletionRequest { KeyId = _keyId, PendingWindowInDays = 7 });

        var error = Assert.ThrowsAsync<SourceException>(CaptureAsync);

        Assert.That(error!.Message, Does.Contain("PendingDeletion").And.Contain("kms:CancelKeyDeletion"));
    }

    [Test]
    public void CaptureAsync_DescribeNotPermitted_NamesThePermissions()
    {
        _account.Fail("kms:DescribeKey", FaultKind.AccessDenied);

        var error = Assert.ThrowsAsync<SourceAccessDeniedException>(CaptureAsync);

        Assert.That(error!.Message, Does.Contain(_keyId).And.Contain("kms:DescribeKey").And.Contain("kms:Decrypt"));
        Assert.That(_account.CallsOf("ec2:CreateSnapshots"), Is.Zero);
    }

    [Test]
    public async Task CaptureAsync_EncryptedDiskExcluded_DoesNotLookAtItsKey()
    {
        await _account.Kms.DisableKeyAsync(new DisableKeyRequest { KeyId = _keyId });

        await using var capture = await _account.Provider.CaptureAsync(
            _instance, Request() with { ExcludedDiskIds = new HashSet<string> { _instance.Disks[1].Id } });

        Assert.That(capture.Disks, Has.Count.EqualTo(1));
    }

    private static CaptureRequest Request() => new() { ExecutionId = "e1", ReplicaId = "r1", OwnerId = "o1" };

    private Task<ISourceCapture> CaptureAsync() => _account.Provider.CaptureAsync(_instance, Request());
}
