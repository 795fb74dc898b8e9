namespace Coriolis.Providers.Aws.Tests.Capture;

public sealed class CaptureStateTests
{
    private static CaptureState CreateState() => new(new CaptureRequest
    {
        ExecutionId = "e1",
        ReplicaId = "r1",
        OwnerId = "o1",
        Baselines = new Dictionary<string, string> { ["vol-1"] = "snap-old1", ["vol-2"] = "snap-old2" },
    });

    [Test]
    public void IsKept_BaselineOfADiskThatWasNotRetained_IsKept()
    {
        var state = CreateState();

        state.Retain("vol-1", "snap-new1");

        Assert.Multiple(() =>
        {
            Assert.That(state.IsKept("snap-old2"), Is.True);
            Assert.That(state.IsKept("snap-new1"), Is.True);
        });
    }

    [TestCase("snap-old1", TestName = "IsKept_SupersededBaseline_IsNot")]
    [TestCase("snap-new2", TestName = "IsKept_CaptureThatWasNotRetained_IsNot")]
    [TestCase("snap-stray", TestName = "IsKept_RemainsOfAnEarlierExecution_AreNot")]
    public void IsKept_AnythingElse_IsNot(string snapshotId)
    {
        var state = CreateState();

        state.Retain("vol-1", "snap-new1");

        Assert.That(state.IsKept(snapshotId), Is.False);
    }
}
