using Amazon.EC2.Model;
using Coriolis.Providers;
using Coriolis.Providers.Aws;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Cli.Tests;

/// <summary>Several disks that read through one worker when it is lost.</summary>
[CancelAfter(300_000)]
public sealed class WorkerRecoveryTests : WorkerTests
{
    [Test]
    public async Task ReadAsync_WhenTheDiskThatReplacedTheWorkerWasCancelled_ReplacesItForTheOther(CancellationToken cancellationToken)
    {
        var instance = await Account.LaunchAsync("web", dataDisks: 1);
        var expected = EmulatedAccount.Pattern(9, EmulatedAccount.Chunk);
        Account.Write(instance.DataIds[0], 0, expected);
        await using var services = Services();
        var provider = services.GetRequiredService<IReplicaSourceProvider>();
        using var first = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var request = new CaptureRequest
        {
            OwnerId = "owner",
            ReplicaId = "replica",
            ExecutionId = "execution",
            ReadPath = ReadPath.Worker,
            ChunkSize = EmulatedAccount.Chunk,
            Progress = new ReactingProgress("is lost", first.Cancel),
        };
        await using var capture = await provider.CaptureAsync(await provider.GetInstanceAsync("web", cancellationToken), request, cancellationToken);
        var worker = await Workers.FindWorkerAsync(cancellationToken);
        await Account.Ec2.TerminateInstancesAsync(new TerminateInstancesRequest([worker.InstanceId]), cancellationToken);
        var chunk = new byte[EmulatedAccount.Chunk];

        Assert.That(async () => await Disk(instance.RootId).ReadAsync(0, chunk, first.Token), Throws.InstanceOf<OperationCanceledException>());
        await Disk(instance.DataIds[0]).ReadAsync(0, chunk, cancellationToken);

        Assert.That(chunk, Is.EqualTo(expected));
        Assert.That(await Workers.CountWorkersAsync(), Is.EqualTo(2));

        IBlockSource Disk(string id) => capture.Disks.Single(disk => disk.Disk.Id == id);
    }

    private ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddCoriolisAws(aws => aws
            .UseConnection(new AwsConnectionInfo
            {
                Region = EmulatedAccount.Region,
                EndpointUrl = new Uri(Account.Endpoint),
                AccessKeyId = AwsEnvironment.Credential.AccessKeyId,
                SecretAccessKey = AwsEnvironment.Credential.SecretAccessKey,
            })
            .Configure(static options =>
            {
                options.WorkerInstanceType = "t3.medium";
                options.WorkerAllowedCidr = "198.18.0.0/15";
            }));
        return services.BuildServiceProvider();
    }

    private sealed class ReactingProgress(string text, Action react) : IProgress<CaptureProgress>
    {
        public void Report(CaptureProgress value)
        {
            if (value.Stage.Contains(text, StringComparison.Ordinal))
                react();
        }
    }
}
