namespace Coriolis.Providers.Aws.Morphing.Packages;

/// <summary>A guest's package database, changed by the guest's own package manager, without network.</summary>
internal interface IGuestPackages
{
    /// <summary>Finds out what removing packages means. Changes nothing.</summary>
    Task<RemovalPlan> PlanRemovalAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken);

    /// <summary>Removes what a plan names, with their configuration files.</summary>
    Task RemoveAsync(RemovalPlan plan, CancellationToken cancellationToken);
}
