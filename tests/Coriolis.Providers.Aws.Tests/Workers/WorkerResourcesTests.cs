using System.Net;
using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Providers.Aws.Tests.Support;
using Coriolis.Providers.Aws.Workers;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Coriolis.Providers.Aws.Tests.Workers;

/// <summary>Deleting while EC2's servers do not agree yet; the emulator's always do.</summary>
public sealed class WorkerResourcesTests
{
    [TestCase(true, ExpectedResult = false)]
    [TestCase(false, ExpectedResult = true)]
    public async Task<bool> DeleteAsync_NoServerHasHeardOfTheInstanceYet_WaitsForOneThatIsUnseen(bool isUnseen)
    {
        var clock = new JumpingClock();
        var ec2 = Substitute.For<IAmazonEC2>();
        var runs = true;
        var unknown = 3;
        ec2.TerminateInstancesAsync(Arg.Any<TerminateInstancesRequest>(), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            if (unknown-- > 0)
                throw new AmazonEC2Exception("unknown") { ErrorCode = "InvalidInstanceID.NotFound", StatusCode = HttpStatusCode.BadRequest };
            runs = false;
            return new TerminateInstancesResponse { TerminatingInstances = [new() { CurrentState = new InstanceState { Name = InstanceStateName.Terminated } }] };
        });
        var resources = new WorkerResources(ec2, TestGateway.Create(clock), new AwsSourceOptions(), clock, new Random(1), NullLogger.Instance);

        await resources.DeleteAsync(new(WorkerResources.Instance, "i-1", [], null) { IsUnseen = isUnseen }, whenFree: true, CancellationToken.None);

        return runs;
    }
}
