namespace Coriolis.Replication;

/// <summary>How a disk ended in an execution.</summary>
public enum DiskStatus
{
    /// <summary>Not committed; the previous manifest still holds.</summary>
    Failed = 0,

    /// <summary>The replica equals the source at the captured point in time, and the manifest says so.</summary>
    Committed,

    /// <summary>The execution was cancelled before the disk was committed.</summary>
    Cancelled,
}
