using System.Net;
using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Providers.Aws.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Coriolis.Providers.Aws.Tests.Snapshots;

/// <summary>Deleting while EC2's servers do not agree yet; the emulator's listings never lag.</summary>
public sealed class SnapshotCatalogTests
{
    [TestCase(true, ExpectedResult = false)]
    [TestCase(false, ExpectedResult = true)]
    public async Task<bool> DeleteAsync_NoServerHasHeardOfTheSnapshotYet_WaitsForOneThatIsUnseen(bool isUnseen)
    {
        var clock = new JumpingClock();
        var ec2 = Substitute.For<IAmazonEC2>();
        var exists = true;
        var unknown = 3;
        ec2.DescribeSnapshotsAsync(Arg.Any<DescribeSnapshotsRequest>(), Arg.Any<CancellationToken>()).Returns(new DescribeSnapshotsResponse());
        ec2.DeleteSnapshotAsync(Arg.Any<DeleteSnapshotRequest>(), Arg.Any<CancellationToken>()).Returns(_ =>
        {
            if (unknown-- > 0)
                throw new AmazonEC2Exception("unknown") { ErrorCode = "InvalidSnapshot.NotFound", StatusCode = HttpStatusCode.BadRequest };
            exists = false;
            return new DeleteSnapshotResponse();
        });
        var catalog = new SnapshotCatalog(ec2, TestGateway.Create(clock), new AwsSourceOptions(), clock, new Random(1), NullLogger.Instance);

        await catalog.DeleteAsync("snap-1", isUnseen, CancellationToken.None);

        return exists;
    }

    [Test]
    public async Task DeleteAsync_UnseenSnapshotNeverShowsUp_IsTakenForGoneAfterTwoMinutes()
    {
        var clock = new JumpingClock();
        var ec2 = Substitute.For<IAmazonEC2>();
        ec2.DescribeSnapshotsAsync(Arg.Any<DescribeSnapshotsRequest>(), Arg.Any<CancellationToken>()).Returns(new DescribeSnapshotsResponse());
        ec2.DeleteSnapshotAsync(Arg.Any<DeleteSnapshotRequest>(), Arg.Any<CancellationToken>()).Returns<DeleteSnapshotResponse>(
            _ => throw new AmazonEC2Exception("unknown") { ErrorCode = "InvalidSnapshot.NotFound", StatusCode = HttpStatusCode.BadRequest });
        var catalog = new SnapshotCatalog(ec2, TestGateway.Create(clock), new AwsSourceOptions(), clock, new Random(1), NullLogger.Instance);
        var started = clock.GetUtcNow();

        await catalog.DeleteAsync("snap-1", isUnseen: true, CancellationToken.None);

        Assert.That(clock.GetUtcNow() - started, Is.InRange(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(3)));
    }
}
