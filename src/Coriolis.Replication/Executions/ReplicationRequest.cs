using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>What one execution is to do.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record ReplicationRequest
{
    /// <summary>The id or the <c>Name</c> tag of the instance.</summary>
    public required string Instance { get; init; }

    /// <summary>Ids of disks to leave out. What an earlier execution wrote of them stays as it is.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlySet<string> ExcludedDiskIds { get; init; } = new HashSet<string>();

    /// <summary>Whether to shut the instance down before its disks are captured.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool ShutDown { get; init; }

    /// <summary>The way to read the disks.</summary>
    /// <value>The default is <see cref="ReadPath.Auto"/>.</value>
    public ReadPath ReadPath { get; init; } = ReadPath.Auto;

    /// <summary>Whether each replica is read back in full and compared with its manifest before it is committed.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Verify { get; init; }

    /// <summary>
    /// Whether each replica is compared with the manifest of the last commit although its destination says that nobody wrote
    /// to it since; what differs is fetched again.
    /// </summary>
    /// <value>The default is <see langword="false"/>: only replicas that are in doubt are compared.</value>
    public bool CompareDestination { get; init; }

    /// <summary>
    /// Whether an execution of the replica whose process died is continued, with the point in time that it had captured. It
    /// never is together with <see cref="ShutDown"/>.
    /// </summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool Resume { get; init; } = true;
}
