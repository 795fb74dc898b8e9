namespace Coriolis.Providers;

/// <summary>One row of an instance listing.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record InstanceSummary
{
    /// <summary>The id of the instance, unique in its region.</summary>
    public required string Id { get; init; }

    /// <summary>The <c>Name</c> tag, or the id when there is none.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the flavor, for example <c>t3.medium</c>.</summary>
    public required string FlavorName { get; init; }

    /// <summary>Number of virtual CPUs.</summary>
    public required int VCpus { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>The family of the guest's operating system.</summary>
    public required OsType OsType { get; init; }

    /// <summary>The power state at the time of the listing.</summary>
    public required PowerState PowerState { get; init; }

    /// <summary>The zone that the instance runs in.</summary>
    public required string AvailabilityZone { get; init; }
}
