using Coriolis.Providers;

namespace Coriolis.Replication.Tests;

/// <summary>Stops the publication of a manifest after each of its steps and opens it again.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class DiskManifestsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coriolis-manifests-").FullName;
    private readonly DiskManifests _manifests;
    private readonly ChunkDigest _oldRoot;

    public DiskManifestsTests()
    {
        _manifests = new DiskManifests(_folder, new ReplicaIdentity("replica-1", "i-1", DateTimeOffset.UnixEpoch), "vol-1");
        _oldRoot = Seal(seed: 1);
        _manifests.Publish();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void OpenBaseline_StoppedWhileWritingTheDraft_KeepsTheOldManifest()
    {
        _manifests.CreateDraft(TestManifests.Describe(4096), null, CancellationToken.None).Dispose();

        using var baseline = _manifests.OpenBaseline(DestinationContent.Unknown("interrupted"));

        Assert.That(baseline!.ContentRoot, Is.EqualTo(_oldRoot));
        AssertOnlyTheManifestIsLeft();
    }

    [Test]
    public void OpenBaseline_StoppedBeforeTheDestinationCommitted_KeepsTheOldManifest()
    {
        Seal(seed: 2);

        using var baseline = _manifests.OpenBaseline(DestinationContent.Unknown("interrupted"));

        Assert.That(baseline!.ContentRoot, Is.EqualTo(_oldRoot));
        AssertOnlyTheManifestIsLeft();
    }

    [Test]
    public void OpenBaseline_DestinationStillHoldsTheOldCommit_KeepsTheOldManifest()
    {
        Seal(seed: 2);

        using var baseline = _manifests.OpenBaseline(DestinationContent.Committed(_oldRoot));

        Assert.That(baseline!.ContentRoot, Is.EqualTo(_oldRoot));
        AssertOnlyTheManifestIsLeft();
    }

    [Test]
    public void OpenBaseline_StoppedAfterTheDestinationCommitted_TakesTheNewManifest()
    {
        var newRoot = Seal(seed: 2);

        using var baseline = _manifests.OpenBaseline(DestinationContent.Committed(newRoot));

        Assert.That(baseline!.ContentRoot, Is.EqualTo(newRoot));
        AssertOnlyTheManifestIsLeft();
    }

    [Test]
    public void OpenBaseline_PendingManifestOfTheSameContent_KeepsTheOldManifestAndItsSnapshot()
    {
        Assert.That(Seal(seed: 1, snapshot: "snap-2"), Is.EqualTo(_oldRoot));

        using var baseline = _manifests.OpenBaseline(DestinationContent.Committed(_oldRoot));

        Assert.That(baseline!.Info.SourceReference, Is.EqualTo("snap-1"));
        AssertOnlyTheManifestIsLeft();
    }

    [Test]
    public void OpenBaseline_PendingManifestOfTheSameContentAsATornOne_TakesTheNewManifest([Values] bool isLost)
    {
        var committed = Path.Combine(_folder, "vol-1.manifest");
        Seal(seed: 1, snapshot: "snap-2");
        File.WriteAllBytes(committed, File.ReadAllBytes(committed)[..^1]);
        if (isLost)
        {
            File.Delete(committed);
        }

        using var baseline = _manifests.OpenBaseline(DestinationContent.Committed(_oldRoot));

        Assert.That(baseline!.Info.SourceReference, Is.EqualTo("snap-2"));
        AssertOnlyTheManifestIsLeft();
    }

    [Test]
    public void OpenBaseline_PendingManifestIsTorn_KeepsTheOldManifest()
    {
        var newRoot = Seal(seed: 2);
        var pending = Path.Combine(_folder, "vol-1.pending");
        File.WriteAllBytes(pending, File.ReadAllBytes(pending)[..^1]);

        using var baseline = _manifests.OpenBaseline(DestinationContent.Committed(newRoot));

        Assert.That(baseline!.ContentRoot, Is.EqualTo(_oldRoot));
    }

    [Test]
    public void OpenBaseline_ManifestOfAnotherDisk_ThrowsAndNamesBoth()
    {
        File.Move(Path.Combine(_folder, "vol-1.manifest"), Path.Combine(_folder, "vol-2.manifest"));
        var other = new DiskManifests(_folder, new ReplicaIdentity("replica-1", "i-1", DateTimeOffset.UnixEpoch), "vol-2");

        Assert.That(
            () => other.OpenBaseline(DestinationContent.Unknown("a test")),
            Throws.TypeOf<ReplicaStateException>().With.Message.Contains("'vol-1', not 'vol-2'"));
    }

    [Test]
    public void OpenBaseline_ManifestOfAnotherReplica_Throws()
    {
        var other = new DiskManifests(_folder, new ReplicaIdentity("replica-2", "i-1", DateTimeOffset.UnixEpoch), "vol-1");

        Assert.That(
            () => other.OpenBaseline(DestinationContent.Unknown("a test")),
            Throws.TypeOf<ReplicaStateException>().With.Message.Contains("replica 'replica-1', not 'replica-2'"));
    }

    private ChunkDigest Seal(int seed, string snapshot = "snap-1")
    {
        using var draft = _manifests.CreateDraft(TestManifests.Describe(4096) with { SourceReference = snapshot }, null, CancellationToken.None);
        draft.Set(0, TestManifests.Digest(seed));
        using var sealedManifest = _manifests.Seal(draft, CancellationToken.None);
        return sealedManifest.ContentRoot;
    }

    private void AssertOnlyTheManifestIsLeft() =>
        Assert.That(Directory.EnumerateFiles(_folder).Select(Path.GetFileName), Is.EqualTo(["vol-1.manifest"]));
}
