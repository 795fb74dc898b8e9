using Amazon.EC2;
using Amazon.EC2.Model;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Cli.Tests;

/// <summary>What becomes of a worker whose controller is gone for good.</summary>
[CancelAfter(120_000)]
public sealed class AbandonedWorkerTests : WorkerTests
{
    [Test]
    public async Task Replicate_KilledAndNeverRunAgain_TheWorkerEndsItselfAndItsVolumesGoWithIt(CancellationToken cancellationToken)
    {
        // The emulator's clock stands still but for what the test lets pass.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await StartAccountAsync(delays: null, timeProvider: time);
        var instance = await Account.LaunchAsync("web");
        await KillInTheMiddleAsync(cancellationToken);
        var worker = await Workers.FindWorkerAsync(cancellationToken);
        Assert.That(worker.BlockDeviceMappings, Has.Count.EqualTo(3));

        time.Advance(TimeSpan.FromMinutes(29));
        Assert.That((await Workers.FindWorkerAsync(cancellationToken)).State.Name, Is.EqualTo(InstanceStateName.Running));
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.That((await Workers.FindWorkerAsync(cancellationToken)).State.Name, Is.EqualTo(InstanceStateName.Terminated));
        var volumes = await Account.Ec2.DescribeVolumesAsync(new DescribeVolumesRequest(), cancellationToken);
        Assert.That(volumes.Volumes.Select(static volume => volume.VolumeId), Is.EquivalentTo(instance.VolumeIds));
    }

    private async Task KillInTheMiddleAsync(CancellationToken cancellationToken)
    {
        using var process = ChildProcess.OfTool(
            [
                "replicate", "web", "--to", Account.To, "--state", Account.State,
                .. WorkerAccount.Options("worker", ("worker_lease", "1800")),
                .. Account.Connection,
            ]);
        await process.WaitForErrorLineAsync("transfer", cancellationToken);
        process.Kill();
        Assert.That((await process.WaitAsync(cancellationToken)).ExitCode, Is.EqualTo(ChildProcess.Killed));
    }
}
