namespace Coriolis.Replication;

/// <summary>How much of a disk an execution considers.</summary>
public enum ReplicaMode
{
    /// <summary>All of it.</summary>
    Full = 0,

    /// <summary>What changed since the baseline.</summary>
    Incremental,
}
