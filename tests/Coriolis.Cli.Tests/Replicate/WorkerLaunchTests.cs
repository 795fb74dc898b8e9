using System.Text;
using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Aws.Emulator;

namespace Coriolis.Cli.Tests;

/// <summary>What a worker is while it is there: as closed as it can be, and with volumes like those of the source.</summary>
[CancelAfter(120_000)]
public sealed class WorkerLaunchTests : WorkerTests
{
    // Without a token, with one, and for the credentials of a role.
    private const string AskForMetadata = """
        base=http://169.254.169.254/latest
        status="curl -s -m 10 -o /dev/null -w %{http_code}"
        token="X-aws-ec2-metadata-token: $(curl -s -m 10 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $base/api/token)"
        echo -n "$($status $base/meta-data/instance-id) $(curl -s -m 10 -H "$token" $base/meta-data/instance-id)"
        echo -n " $($status -H "$token" $base/meta-data/iam/security-credentials/)"
        """;

    private static readonly int[] s_ports = [22, 4433];

    [Test]
    public async Task Replicate_ThroughAWorker_LaunchesItAsClosedAsItCanBe(CancellationToken cancellationToken)
    {
        var instance = await SeedAsync();

        var run = Workers.ReplicateAsync();
        var worker = await FindAtAttachmentAsync(cancellationToken);
        var metadata = await WorkerMachine.RunAsync(worker.PublicIpAddress, AskForMetadata, cancellationToken);
        var groups = await Account.Ec2.DescribeSecurityGroupsAsync(
            new DescribeSecurityGroupsRequest { GroupIds = [.. worker.SecurityGroups.Select(static group => group.GroupId)] }, cancellationToken);
        var shutdown = await ReadAsync(worker, InstanceAttributeName.InstanceInitiatedShutdownBehavior, cancellationToken);
        var userData = await ReadAsync(worker, InstanceAttributeName.UserData, cancellationToken);
        var volumes = await Account.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest(), cancellationToken);
        var result = await run;

        Assert.That(result.ExitCode, Is.EqualTo(ExitCode.Done), result.Error);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
        var source = volumes.Volumes.Single(volume => volume.VolumeId == instance.DataIds[0]);
        var copies = volumes.Volumes.Where(volume => volume.Encrypted == true && volume.VolumeId != source.VolumeId).ToList();
        var rules = groups.SecurityGroups.Single().IpPermissions;
        Assert.Multiple(() =>
        {
            Assert.That(worker.MetadataOptions.HttpTokens, Is.EqualTo(HttpTokensState.Required));
            Assert.That(worker.MetadataOptions.HttpPutResponseHopLimit, Is.EqualTo(1));
            Assert.That(metadata, Is.EqualTo($"401 {worker.InstanceId} 404"));
            Assert.That(worker.IamInstanceProfile, Is.Null);
            Assert.That(shutdown.InstanceInitiatedShutdownBehavior, Is.EqualTo("terminate"));
            Assert.That(Encoding.UTF8.GetString(Convert.FromBase64String(userData.UserData)), Does.Contain("60\",\"mode\":\"poweroff\""));
            Assert.That(rules.Select(static rule => rule.FromPort), Is.EquivalentTo(s_ports));
            Assert.That(rules.Select(static rule => rule.ToPort), Is.EquivalentTo(s_ports));
            Assert.That(rules.SelectMany(static rule => rule.Ipv4Ranges).Select(static range => range.CidrIp), Is.All.EqualTo("198.18.0.0/15"));
            Assert.That(copies, Has.Count.EqualTo(1));
            Assert.That(copies[0].KmsKeyId, Is.EqualTo(source.KmsKeyId));
        });
    }

    [Test]
    public async Task Replicate_ThroughAWorkerWithoutPublicAddress_ReachesItAtItsPrivateOne(CancellationToken cancellationToken)
    {
        var instance = await SeedAsync();

        var run = Workers.ReplicateAsync("worker", ("worker_private_address", "true"));
        var worker = await FindAtAttachmentAsync(cancellationToken);
        var result = await run;

        Assert.That(result.ExitCode, Is.EqualTo(ExitCode.Done), result.Error);
        Assert.That(worker.PublicIpAddress, Is.Null.Or.Empty);
        await Account.AssertReplicaEqualsSourceAsync(instance);
        await Account.AssertNothingLeftAsync(instance, baselines: true);
    }

    private async Task<TestInstance> SeedAsync()
    {
        var seeded = await Account.SeedAsync(new InstanceSeed
        {
            Name = "web",
            Volumes = [new VolumeSeed { SizeGiB = 1 }, new VolumeSeed { SizeGiB = 1, Encrypted = true }],
        });
        Account.Write(seeded.VolumeIds[1], 10 << 20, EmulatedAccount.Pattern(3, EmulatedAccount.Chunk));
        return new TestInstance(seeded.InstanceId, seeded.VolumeIds[0], [seeded.VolumeIds[1]]);
    }

    /// <summary>The worker as it is when the first volume is attached to it.</summary>
    private async Task<Instance> FindAtAttachmentAsync(CancellationToken cancellationToken)
    {
        await Account.Calls.WaitForAsync(static call => call.Operation == "AttachVolume", cancellationToken);
        return await Workers.FindWorkerAsync(cancellationToken);
    }

    private async Task<InstanceAttribute> ReadAsync(Instance worker, InstanceAttributeName name, CancellationToken cancellationToken) =>
        (await Account.Ec2.DescribeInstanceAttributeAsync(new DescribeInstanceAttributeRequest(worker.InstanceId, name), cancellationToken)).InstanceAttribute;
}
