using System.Text.Json.Nodes;
using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.KeyManagementService.Model;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests.IamPolicy;

/// <summary>
/// The policy that is printed for the worker read path and for encrypted volumes suffices, and nothing in it is superfluous. Workers are real.
/// </summary>
[NonParallelizable]
public sealed class WorkerPolicyTests : WorkerTests
{
    private static readonly string[] s_sample = ["ec2:RunInstances", "ec2:CreateVolume", "kms:DescribeKey"];

    // Only for volumes with Marketplace product codes: a worker stops and starts, and their attributes are read.
    private static readonly string[] s_special = ["ec2:StopInstances", "ec2:StartInstances", "ec2:DescribeVolumeAttribute"];

    // AWS names these for whoever uses encrypted volumes; the emulator asks for them only where a copy gets another key, which no worker's volume does.
    private static readonly string[] s_notAsked = ["kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"];

    private static IEnumerable<string> Sample => s_sample;

    private static IEnumerable<string> Others => Actions(new Coriolis.Providers.Aws.AwsIamPolicy
    {
        ReadPath = Coriolis.Providers.ReadPath.Worker,
        Encrypted = true,
    }.ToJson()).Except(s_sample).Except(s_special).Except(s_notAsked);

    [Test]
    public async Task Replicate_EncryptedThroughAWorkerWithExactlyThePolicy_ReplicatesTwiceAndLeavesTheBaselines()
    {
        var instance = await LaunchAsync();
        var policy = await PrintAsync("worker");

        var full = await ReplicateAsync(policy, "worker");
        Account.Write(instance.RootId, 0, EmulatedAccount.Pattern(7, EmulatedAccount.Chunk));
        var incremental = await ReplicateAsync(policy, "worker");

        Assert.That(full.ExitCode, Is.EqualTo(ExitCode.Done), full.Error);
        Assert.That(incremental.ExitCode, Is.EqualTo(ExitCode.Done), incremental.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
    }

    [Test]
    public async Task Replicate_MarketplaceVolumeThroughAWorkerWithExactlyThePolicy_StopsAndStartsTheWorker()
    {
        var seeded = await Account.SeedAsync(new InstanceSeed
        {
            Name = "web",
            BootMode = "legacy-bios",
            Volumes = [new VolumeSeed { SizeGiB = 1, ProductCodes = ["a1b2c3d4e5f6g7h8i9j0k1l2m"] }],
        });

        var run = await ReplicateAsync(await PrintAsync("worker"), "worker");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        Assert.That(Account.Calls.GetCounts(), Does.ContainKey("ec2:StopInstances").And.ContainKey("ec2:StartInstances"));
        Assert.That(seeded, Is.Not.Null);
    }

    [TestCaseSource(nameof(Sample))]
    public async Task Replicate_OneActionLess_SaysWhich(string action) => await AssertNamedAsync(action);

    [Explicit("Each is a run of its own through a real worker: bash tests/run.sh OneActionLessOfAll")]
    [TestCaseSource(nameof(Others))]
    public async Task Replicate_OneActionLessOfAll_SaysWhich(string action) => await AssertNamedAsync(action);

    private static IEnumerable<string> Actions(string policy) => JsonNode.Parse(policy)!["Statement"]!.AsArray()
        .SelectMany(statement => statement!["Action"]!.AsArray())
        .Select(action => action!.GetValue<string>())
        .Distinct();

    private static string Without(string policy, string action)
    {
        var document = JsonNode.Parse(policy)!;
        var statements = document["Statement"]!.AsArray();
        foreach (var statement in statements.ToList())
        {
            var actions = statement!["Action"]!.AsArray();
            actions.RemoveAll(node => node!.GetValue<string>() == action);
            if (actions.Count == 0)
            {
                statements.Remove(statement);
            }
        }

        return document.ToJsonString();
    }

    private static async Task<string> PrintAsync(string path)
    {
        var run = await CliRun.OfAsync("iam-policy", "--read-path", path, "--kms");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Done), run.Error);
        return run.Output;
    }

    private async Task AssertNamedAsync(string action)
    {
        var instance = await LaunchAsync();
        if (action == "ec2:DeleteSnapshot")
        {
            // There is nothing to delete before there is a baseline to supersede.
            var first = await ReplicateAsync(await PrintAsync("worker"), "worker");
            Assert.That(first.ExitCode, Is.EqualTo(ExitCode.Done), first.Error);
            Account.Write(instance.RootId, 0, EmulatedAccount.Pattern(7, EmulatedAccount.Chunk));
        }

        var run = await ReplicateAsync(Without(await PrintAsync("worker"), action), "worker");

        // A permission on a key is one that EC2 uses in the caller's name: it says nothing, the volume or the snapshot just fails.
        Assert.That(run.Output + run.Error, Does.Contain(action));
        Assert.That(run.Output + run.Error, Does.Contain("UnauthorizedOperation").Or.Contain("AccessDenied").Or.Contain("cannot be used"));
    }

    /// <summary>An instance with an encrypted data disk.</summary>
    private async Task<TestInstance> LaunchAsync()
    {
        using var kms = Account.CreateKmsClient();
        var key = (await kms.CreateKeyAsync(new CreateKeyRequest())).KeyMetadata.KeyId;
        var instance = await Account.LaunchAsync("web", dataDisks: 0);
        var described = await Account.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest { VolumeIds = [instance.RootId] });
        var volume = await Account.Ec2.CreateVolumeAsync(new CreateVolumeRequest
        {
            AvailabilityZone = described.Volumes[0].AvailabilityZone,
            Size = 1,
            VolumeType = VolumeType.Gp3,
            Encrypted = true,
            KmsKeyId = key,
        });
        await Account.Ec2.AttachVolumeAsync(new AttachVolumeRequest { InstanceId = instance.Id, VolumeId = volume.Volume.VolumeId, Device = "/dev/sdf" });
        Account.Write(volume.Volume.VolumeId, 0, EmulatedAccount.Pattern(5, EmulatedAccount.Chunk));
        return instance with { DataIds = [volume.Volume.VolumeId] };
    }

    private async Task<CliRun> ReplicateAsync(string policy, string path)
    {
        var credential = await Account.CreateCredentialAsync(policy);
        using var environment = new AwsVariables(new()
        {
            ["AWS_ACCESS_KEY_ID"] = credential.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = credential.SecretAccessKey,
        });
        return await Workers.ReplicateAsync(path, ("worker_attach_timeout", "10"));
    }
}
