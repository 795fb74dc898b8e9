using Amazon.EC2;
using Amazon.EC2.Model;
using Coriolis.Providers.Aws.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Coriolis.Providers.Aws.Tests.Snapshots;

/// <summary>States of a snapshot that nothing can be made to reach, so EC2 is substituted.</summary>
public sealed class SnapshotWaiterTests
{
    private static readonly SnapshotSet s_set = new(
        DateTimeOffset.UnixEpoch, new Dictionary<string, VolumeSnapshot> { ["vol-1"] = new("snap-1", "vol-1", 1L << 30) });

    [TestCase("recoverable", "Recycle Bin")]
    [TestCase("recovering", "Recycle Bin")]
    [TestCase("error", "the key is gone")]
    public void WaitAsync_SnapshotWillNeverComplete_SaysWhy(string state, string expected)
    {
        var waiter = CreateWaiter(Answer("pending", "10%"), Answer(state, "10%"));

        var error = Assert.ThrowsAsync<SourceException>(() => waiter.WaitAsync(s_set, null, CancellationToken.None));

        Assert.That(error!.Message, Does.Contain("snap-1").And.Contain(expected));
    }

    [Test]
    public async Task WaitAsync_CompletedOnlyOnce_WaitsForAgreement()
    {
        var progress = new RecordingProgress();
        var waiter = CreateWaiter(
            Answer("pending", "10%"), Answer("completed", "100%"), Answer("pending", "99%"), Answer("completed", "100%"), Answer("completed", "100%"));

        await waiter.WaitAsync(s_set, progress, CancellationToken.None);

        Assert.That(progress.Reports.Select(r => r.Percent), Is.EqualTo(new[] { 10, 100, 99, 100 }));
    }

    private static SnapshotWaiter CreateWaiter(params DescribeSnapshotsResponse[] answers)
    {
        var clock = new JumpingClock();
        var ec2 = Substitute.For<IAmazonEC2>();
        ec2.DescribeSnapshotsAsync(Arg.Any<DescribeSnapshotsRequest>(), Arg.Any<CancellationToken>()).Returns(answers[0], answers[1..]);
        var metrics = new AwsMetrics(new PlainMeterFactory());
        var gateway = TestGateway.Create(clock, metrics);
        return new SnapshotWaiter(ec2, gateway, new AwsSourceOptions(), metrics, clock, new Random(1), NullLogger.Instance);
    }

    private static DescribeSnapshotsResponse Answer(string state, string progress) => new()
    {
        Snapshots = [new Snapshot { SnapshotId = "snap-1", VolumeId = "vol-1", State = state, Progress = progress, StateMessage = "the key is gone" }],
    };
}
