using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>What the disks of one execution have in common.</summary>
internal sealed record Execution(
    string Id,
    ReplicationRequest Request,
    ReplicaState State,
    ISourceCapture Capture,
    IDestinationWriter Destination,
    IProgress<ExecutionProgress> Progress);
