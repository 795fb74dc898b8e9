namespace Coriolis.Worker;

/// <summary>How far the hashing of a disk is; the interface shows the names in lower case.</summary>
internal enum HashingStatus
{
    Pending = 0,
    Running,
    Finished,
    Failed,
}
