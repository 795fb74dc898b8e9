using Coriolis.Providers;
using CsCheck;

namespace Coriolis.Replication.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ManifestDraftTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coriolis-draft-").FullName;

    private string DraftPath => Path.Combine(_folder, "draft");

    private string BaselinePath => Path.Combine(_folder, "baseline");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Create_FromBaselineOfSameSize_HasItsDigests()
    {
        var info = TestManifests.Describe((1030L * TestReplica.ChunkSize) - 1);
        TestManifests.Write(BaselinePath, info, [.. Enumerable.Range(0, 1030).Select(TestManifests.Digest)]);
        using var baseline = ManifestFile.Open(BaselinePath);

        using var draft = ManifestDraft.Create(DraftPath, info, baseline, CancellationToken.None);

        Assert.That(Enumerable.Range(0, 1030).Select(i => draft.Get(i)), Is.EqualTo(Enumerable.Range(0, 1030).Select(TestManifests.Digest)));
        Assert.That(draft.Seal(CancellationToken.None), Is.EqualTo(baseline.ContentRoot));
    }

    [Test]
    public void Create_FromSmallerBaseline_HasItsWholeChunksAndZerosBeyond()
    {
        TestManifests.Write(BaselinePath, TestManifests.Describe(10_000), [.. Enumerable.Range(0, 3).Select(TestManifests.Digest)]);
        using var baseline = ManifestFile.Open(BaselinePath);

        using var draft = ManifestDraft.Create(DraftPath, TestManifests.Describe(20_000), baseline, CancellationToken.None);

        ChunkDigest[] expected = [TestManifests.Digest(0), TestManifests.Digest(1), ChunkDigest.Zero, ChunkDigest.Zero, ChunkDigest.Zero];
        Assert.That(Enumerable.Range(0, 5).Select(i => draft.Get(i)), Is.EqualTo(expected));
    }

    [Test]
    public void FindNonZero_AnyEntries_FindsExactlyTheRuns()
    {
        Gen.Select(Gen.Int[0, 2500].HashSet[0, 40], Gen.Int[0, 2500], Gen.Int[0, 2500]).Sample(
            (members, a, b) =>
            {
                var (first, end) = (Math.Min(a, b), Math.Max(a, b));
                var path = Path.Combine(_folder, Guid.NewGuid().ToString());
                using var draft = ManifestDraft.Create(path, TestManifests.Describe(2500L * TestReplica.ChunkSize), null, CancellationToken.None);
                foreach (var chunk in members.Where(chunk => chunk < 2500))
                {
                    draft.Set(chunk, TestManifests.Digest(chunk));
                }

                var found = new List<int>();
                for (var run = draft.FindNonZero(first, end); run.First < run.End; run = draft.FindNonZero(run.End, end))
                {
                    found.AddRange(Enumerable.Range((int)run.First, (int)(run.End - run.First)));
                }

                return found.SequenceEqual(members.Where(chunk => chunk >= first && chunk < end && chunk < 2500).Order());
            },
            iter: 100);
    }
}
