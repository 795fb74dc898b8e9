using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Providers.Aws.Tests.Support;
using Coriolis.Providers.Aws.Workers;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Coriolis.Providers.Aws.Tests.Capture;

/// <summary>Cleaning up while EC2's listings lag behind; the emulator's never do.</summary>
public sealed class CaptureCleanupTests
{
    [TestCase(true)]
    [TestCase(false)]
    public async Task RunAsync_ListingLacksTheWorker_TerminatesItAllTheSame(bool wasSeen)
    {
        var journal = new RecordingJournal();
        var state = new CaptureState(new CaptureRequest { ExecutionId = "e1", ReplicaId = "r1", OwnerId = "o1", Journal = journal }) { WorkersRequested = true };
        state.AddWorkerResource(new WorkerResource(WorkerResources.Instance, "i-1", [], null));
        if (wasSeen)
            state.See("i-1");
        var runs = true;
        var ec2 = Substitute.For<IAmazonEC2>();
        ec2.DescribeInstancesAsync(Arg.Any<DescribeInstancesRequest>(), Arg.Any<CancellationToken>()).Returns(new DescribeInstancesResponse());
        ec2.DescribeVolumesAsync(Arg.Any<DescribeVolumesRequest>(), Arg.Any<CancellationToken>()).Returns(new DescribeVolumesResponse());
        ec2.DescribeSecurityGroupsAsync(Arg.Any<DescribeSecurityGroupsRequest>(), Arg.Any<CancellationToken>()).Returns(new DescribeSecurityGroupsResponse());
        ec2.DescribeKeyPairsAsync(Arg.Any<DescribeKeyPairsRequest>(), Arg.Any<CancellationToken>()).Returns(new DescribeKeyPairsResponse());
        ec2.TerminateInstancesAsync(Arg.Is<TerminateInstancesRequest>(request => request.InstanceIds.Contains("i-1")), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            runs = false;
            return new TerminateInstancesResponse { TerminatingInstances = [new() { CurrentState = new InstanceState { Name = InstanceStateName.Terminated } }] };
        });

        var leftovers = await CreateCleanup(ec2).RunAsync(state, CaptureOutcome.Failed);

        Assert.That(leftovers, Is.Empty);
        Assert.That(runs, Is.False);
        Assert.That(journal.Deleted, Is.EqualTo(new[] { "i-1" }));
    }

    private static CaptureCleanup CreateCleanup(IAmazonEC2 ec2)
    {
        var clock = new JumpingClock();
        var gateway = TestGateway.Create(clock);
        var options = new AwsSourceOptions();
        var random = new Random(1);
        return new CaptureCleanup(
            new SnapshotCatalog(ec2, gateway, options, clock, random, NullLogger.Instance),
            new WorkerResources(ec2, gateway, options, clock, random, NullLogger.Instance),
            new InstancePower(ec2, gateway, options, clock, random, NullLogger.Instance),
            new BoundedUndo(options, clock),
            NullLogger.Instance);
    }
}
