namespace Coriolis.Replication;

/// <summary>How an execution ended.</summary>
public enum ExecutionStatus
{
    /// <summary>At least one disk was not committed.</summary>
    Failed = 0,

    /// <summary>Every disk was committed.</summary>
    Succeeded,

    /// <summary>The caller cancelled; disks that were committed before stay committed.</summary>
    Cancelled,
}
