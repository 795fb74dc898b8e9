using CsCheck;

namespace Coriolis.Replication.Tests;

internal sealed class ChunkSetTests
{
    [Test]
    public void FindRun_AnyMembers_FindsExactlyTheRuns()
    {
        Gen.Select(Gen.Long[0, 299].HashSet[0, 60], Gen.Long[0, 300], Gen.Long[0, 300]).Sample((members, a, b) =>
        {
            var (first, end) = (Math.Min(a, b), Math.Max(a, b));
            var set = new ChunkSet(300);
            foreach (var member in members)
            {
                set.Add(member);
            }

            var found = new List<long>();
            for (var run = set.FindRun(first, end); run.First < run.End; run = set.FindRun(run.End, end))
            {
                for (var chunk = run.First; chunk < run.End; chunk++)
                {
                    found.Add(chunk);
                }
            }

            return set.Count() == members.Count && found.SequenceEqual(members.Where(chunk => chunk >= first && chunk < end).Order());
        });
    }

    [Test]
    public void AddFrom_Chunk_AddsItAndAllAfterIt()
    {
        var set = new ChunkSet(130);

        set.AddFrom(100);

        Assert.That(set.FindRun(0, 130), Is.EqualTo((100L, 130L)));
    }
}
