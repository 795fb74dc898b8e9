namespace Coriolis.Providers.Aws.Morphing.Amazon;

/// <summary>One thing of AWS in a guest, and what it consists of.</summary>
internal sealed record AwsLeftover(AwsLeftovers Kind)
{
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Services to disable where the package stays, without the ending of their units.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    public IReadOnlyList<string> Files { get; init; } = [];
}
