using Coriolis.Providers;

namespace Coriolis.Cli;

/// <summary>What <c>sweep --json</c> prints.</summary>
internal sealed record SweepDocument(bool DryRun, IReadOnlyList<SweptDocument> Resources)
{
    public static SweepDocument From(SweepReport report, bool dryRun) =>
        new(dryRun, [.. report.Resources.Select(SweptDocument.From)]);
}
