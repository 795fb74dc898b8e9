namespace Coriolis.Aws.Emulator.Storage;

/// <summary>
/// Computes which blocks of a synthetic volume are written and by which generation. Generation 0 is the first fill; each
/// later one rewrites a share of the blocks. Every answer is computed from the block index alone, so a page of a list
/// can start anywhere.
/// </summary>
internal sealed record SyntheticLayout(long Seed, IReadOnlyList<SyntheticChange> Generations)
{
    public const long Hole = SnapshotContent.Hole;

    public static SyntheticLayout Create(SyntheticVolumeSpec spec, int blockCount) =>
        new(spec.Seed, [new SyntheticChange(spec.AllocatedFraction, blockCount)]);

    public SyntheticLayout Change(double fraction, int blockCount) =>
        this with { Generations = [.. Generations, new SyntheticChange(fraction, blockCount)] };

    /// <summary>Returns the last generation that wrote the block, or <see cref="Hole"/>.</summary>
    public long GetGeneration(int index)
    {
        for (var generation = Generations.Count - 1; generation >= 0; generation--)
        {
            var change = Generations[generation];
            if (index < change.BlockCount && Selects(change.Fraction, generation, index))
            {
                return generation;
            }
        }

        return Hole;
    }

    public int GetPattern(int index) => SyntheticPatterns.Choose(Mix(Seed, GetGeneration(index), index, 1));

    private bool Selects(double fraction, int generation, int index) =>
        fraction >= 1 || (Mix(Seed, generation, index, 0) >> 11) * (1.0 / (1UL << 53)) < fraction;

    // The finalizer of SplitMix64: full avalanche in a few nanoseconds, so that listing is bound by output, not by hashing.
    private static ulong Mix(long seed, long generation, int index, ulong purpose)
    {
        unchecked
        {
            var x = (ulong)seed * 0x9E3779B97F4A7C15 + (ulong)generation * 0xD1B54A32D192ED03 + (ulong)index * 0x8CB92BA72F3D8DD7 + purpose;
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            return x ^ (x >> 31);
        }
    }
}
