namespace Coriolis.Providers;

/// <summary>What a sweep found and did.</summary>
/// <param name="Resources">Every resource of ours, in the order in which they are removed.</param>
public sealed record SweepReport(IReadOnlyList<SweptResource> Resources);
