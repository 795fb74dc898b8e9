namespace Coriolis.Aws.Emulator;

/// <summary>Describes a volume whose bytes are computed instead of stored, for disks larger than the machine.</summary>
/// <remarks>
/// Which blocks are written and what they hold follows from the seed, the block index and the number of changes made since, so
/// two emulators agree on every byte. Each written block is one of 64 fixed pseudo-random patterns: equal blocks do occur, by design.
/// Thread safety: immutable.
/// </remarks>
public sealed record SyntheticVolumeSpec
{
    /// <summary>Gets the seed that all content follows from.</summary>
    /// <value>The default is 1.</value>
    public long Seed { get; init; } = 1;

    /// <summary>Gets the share of 512 KiB blocks that are written, from 0 (an empty disk) to 1 (every block).</summary>
    /// <value>The default is 1.</value>
    public double AllocatedFraction { get; init; } = 1;
}
