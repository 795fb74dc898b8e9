using Amazon.KeyManagementService.Model;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>Instances that cannot be replicated are refused before anything is created.</summary>
public sealed class ReplicateUnsuitableInstanceTests : AccountTests
{
    [Test]
    public async Task Replicate_AParavirtualInstance_SaysThatOnlyHvmWorks()
    {
        var seed = new InstanceSeed { Volumes = [new VolumeSeed { SizeGiB = 1 }], VirtualizationType = "paravirtual", InstanceType = "t2.micro" };
        var instance = await Account.SeedAsync(seed);

        var run = await Account.ReplicateAsync(instance.InstanceId);

        await Account.AssertErrorAsync(run, ExitCode.Failed, instance.InstanceId, "paravirtual", "HVM");
    }

    [Test]
    public async Task Replicate_AnInstanceWithInstanceStoreDisksOnly_SaysThatThereIsNoVolume()
    {
        var seed = new InstanceSeed { Volumes = [], RootDeviceType = "instance-store", InstanceType = "i3.large" };
        var instance = await Account.SeedAsync(seed);

        var run = await Account.ReplicateAsync(instance.InstanceId);

        await Account.AssertErrorAsync(run, ExitCode.Failed, instance.InstanceId, "no EBS volume");
    }

    [TestCase("Disabled")]
    [TestCase("PendingDeletion")]
    public async Task Replicate_WithAKeyThatCannotBeUsed_NamesKeyAndState(string state)
    {
        using var kms = Account.CreateKmsClient();
        var keyId = (await kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        var seed = new InstanceSeed { Volumes = [new VolumeSeed { SizeGiB = 1, Encrypted = true, KmsKeyId = keyId }] };
        var instance = await Account.SeedAsync(seed);
        if (state == "Disabled")
        {
            await kms.DisableKeyAsync(new DisableKeyRequest { KeyId = keyId });
        }
        else
        {
            await kms.ScheduleKeyDeletionAsync(new ScheduleKeyDeletionRequest { KeyId = keyId, PendingWindowInDays = 7 });
        }

        var run = await Account.ReplicateAsync(instance.InstanceId);

        await Account.AssertErrorAsync(run, ExitCode.Failed, keyId, state, "kms:");
    }
}
