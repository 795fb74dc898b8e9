namespace Coriolis.Aws.Emulator.Storage;

/// <summary>One generation of writes to a synthetic volume: a share of the blocks below a bound.</summary>
internal sealed record SyntheticChange(double Fraction, int BlockCount);
