using Coriolis.Providers;

namespace Coriolis.Cli;

/// <summary>What <c>sweep --json</c> prints.</summary>
/// <param name="DryRun">Whether nothing was removed.</param>
/// <param name="RemovedHourlyCostUsd">What the removed resources cost in an hour, at most.</param>
/// <param name="Resources">Everything of ours.</param>
internal sealed record SweepDocument(bool DryRun, decimal RemovedHourlyCostUsd, IReadOnlyList<SweptDocument> Resources)
{
    public static SweepDocument From(SweepReport report, bool dryRun, DateTimeOffset now) =>
        new(dryRun, CostOf(report, SweepAction.Removed), [.. report.Resources.Select(resource => SweptDocument.From(resource, now))]);

    /// <summary>What the resources with which something was done cost in an hour, as far as that is known.</summary>
    public static decimal CostOf(SweepReport report, SweepAction action) =>
        report.Resources.Where(resource => resource.Action == action).Sum(resource => resource.HourlyCostUsd ?? 0);
}
