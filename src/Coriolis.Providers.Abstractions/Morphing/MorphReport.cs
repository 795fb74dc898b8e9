namespace Coriolis.Providers;

/// <summary>What a morpher did to a guest.</summary>
/// <param name="MorpherName">Which morpher.</param>
/// <param name="Changes">What it changed, in order; empty when there was nothing to do.</param>
/// <param name="Warnings">What a person should look at, as sentences.</param>
public sealed record MorphReport(string MorpherName, IReadOnlyList<MorphChange> Changes, IReadOnlyList<string> Warnings);
