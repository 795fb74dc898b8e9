using Coriolis.Providers;
using NSubstitute;

namespace Coriolis.Replication.Tests;

internal sealed class DiskPlanTests
{
    private const int Chunk = TestReplica.ChunkSize;
    private const long Size = 10 * Chunk;

    private static readonly ChunkDigest s_root = TestManifests.Digest(1);

    [Test]
    public void Decide_NoBaselineAndNewDestination_CopiesAllAndTrustsTheZeros()
    {
        var plan = Decide(null, DestinationContent.Zeroes("new"));

        Assert.That(plan, Is.EqualTo(new DiskPlan(ReplicaMode.Full, "no manifest", Size)));
    }

    [Test]
    public void Decide_NoBaselineAndWrittenDestination_CopiesAllAndTrustsNothing()
    {
        var plan = Decide(null, DestinationContent.Committed(s_root));

        Assert.That(plan, Is.EqualTo(new DiskPlan(ReplicaMode.Full, "no manifest", 0)));
    }

    [Test]
    public void Decide_DestinationHoldsTheBaseline_SendsWhatChanged()
    {
        var plan = Decide(Baseline(Size), DestinationContent.Committed(s_root));

        Assert.That(plan, Is.EqualTo(new DiskPlan(ReplicaMode.Incremental, "the destination is unchanged since the last commit", Size)));
    }

    [Test]
    public void Decide_DestinationIsUnknown_ComparesItFirst()
    {
        var plan = Decide(Baseline(Size), DestinationContent.Unknown("interrupted"));

        Assert.That(plan.Mode, Is.EqualTo(ReplicaMode.Incremental));
        Assert.That(plan.CheckDestination, Is.True);
        Assert.That(plan.Reason, Does.Contain("interrupted"));
    }

    [Test]
    public void Decide_DestinationHoldsAnotherCommit_ComparesItFirst()
    {
        var plan = Decide(Baseline(Size), DestinationContent.Committed(TestManifests.Digest(2)));

        Assert.That(plan.CheckDestination, Is.True);
        Assert.That(plan.Reason, Does.Contain("another commit"));
    }

    [Test]
    public void Decide_UnknownAndCannotBeReadBack_CopiesAllAndTrustsNothing()
    {
        var plan = Decide(Baseline(Size), DestinationContent.Unknown("interrupted"), canReadBack: false);

        Assert.That(plan.Mode, Is.EqualTo(ReplicaMode.Full));
        Assert.That(plan.TrustedBytes, Is.Zero);
        Assert.That(plan.Reason, Does.Contain("interrupted"));
    }

    [Test]
    public void Decide_DestinationWasRemoved_CopiesAllAndTrustsTheZeros()
    {
        var plan = Decide(Baseline(Size), DestinationContent.Zeroes("the file was removed"));

        Assert.That(plan, Is.EqualTo(new DiskPlan(ReplicaMode.Full, "the file was removed", Size)));
    }

    [Test]
    public void Decide_DiskGrew_TrustsTheWholeChunksOfTheBaseline()
    {
        var plan = Decide(Baseline((5 * Chunk) + 1), DestinationContent.Committed(s_root));

        Assert.That(plan.Mode, Is.EqualTo(ReplicaMode.Incremental));
        Assert.That(plan.TrustedBytes, Is.EqualTo(5 * Chunk));
        Assert.That(plan.Reason, Does.Contain($"grown from {(5 * Chunk) + 1} bytes"));
    }

    [Test]
    public void Decide_DiskShrank_Throws()
    {
        Assert.That(
            () => Decide(Baseline(Size + Chunk), DestinationContent.Committed(s_root)),
            Throws.TypeOf<ReplicaStateException>().With.Message.Contains($"{Size}").And.Message.Contains($"{Size + Chunk}"));
    }

    [Test]
    public void Decide_ChunkSizeChanged_CopiesAllAndTrustsNothing()
    {
        var plan = Decide(Baseline(Size, 2 * Chunk), DestinationContent.Committed(s_root));

        Assert.That(plan.Mode, Is.EqualTo(ReplicaMode.Full));
        Assert.That(plan.TrustedBytes, Is.Zero);
        Assert.That(plan.Reason, Does.Contain("chunk size"));
    }

    private static DiskPlan Decide(IDiskManifest? baseline, DestinationContent content, bool canReadBack = true)
    {
        var writer = Substitute.For<IDiskWriter>();
        writer.Content.Returns(content);
        writer.Capabilities.Returns(new WriterCapabilities { CanReadBack = canReadBack });
        var disk = new SourceDisk { Id = "vol-1", DeviceName = "/dev/xvda", SizeBytes = Size, IsBoot = true };
        return DiskPlan.Decide(disk, Chunk, baseline, "no manifest", writer);
    }

    private static IDiskManifest Baseline(long size, int chunkSize = Chunk)
    {
        var manifest = Substitute.For<IDiskManifest>();
        manifest.Info.Returns(TestManifests.Describe(size, chunkSize));
        manifest.ContentRoot.Returns(s_root);
        return manifest;
    }
}
