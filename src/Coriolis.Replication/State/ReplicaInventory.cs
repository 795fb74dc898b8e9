namespace Coriolis.Replication;

/// <summary>What a sweep must know about all replicas of a state directory.</summary>
/// <remarks>Immutable; safe for concurrent use. Its members are those of <see cref="Coriolis.Providers.SweepRequest"/>.</remarks>
public sealed record ReplicaInventory
{
    /// <summary>The owner of every replica in the state directory.</summary>
    public required string OwnerId { get; init; }

    /// <summary>The source references (snapshot ids) that manifests name; they must be kept.</summary>
    public required IReadOnlySet<string> KeepIds { get; init; }

    /// <summary>Executions that are over and left something behind.</summary>
    public required IReadOnlySet<string> EndedExecutionIds { get; init; }

    /// <summary>What the journals of these executions name, where all of it is known.</summary>
    public required IReadOnlyDictionary<string, IReadOnlySet<string>> JournaledIds { get; init; }

    /// <summary>Instances that executions which are over stopped, and neither started again nor left stopped on purpose.</summary>
    public required IReadOnlyList<Coriolis.Providers.StoppedInstance> StoppedInstances { get; init; }

    /// <summary>Executions that are running.</summary>
    public required IReadOnlySet<string> RunningExecutionIds { get; init; }
}
