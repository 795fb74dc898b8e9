namespace Coriolis.Providers.Aws.Morphing.Packages;

/// <summary>What removing some packages would take with it.</summary>
/// <param name="Packages">All packages that go; empty when none of those asked for is installed.</param>
/// <param name="Refusal">Why the removal must not be done, as a clause; <see langword="null"/> when it may.</param>
internal sealed record RemovalPlan(IReadOnlyList<string> Packages, string? Refusal = null)
{
    /// <summary>What would go too because nothing else needs it, and stays because the guest does.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>The same, refused when it would take what the caller keeps.</summary>
    /// <param name="packages">The packages, each with the reason as a clause.</param>
    public RemovalPlan Keeping(IReadOnlyDictionary<string, string> packages) =>
        Refusal is null && Packages.FirstOrDefault(packages.ContainsKey) is { } name ? this with { Refusal = packages[name] } : this;
}
