namespace Coriolis.Replication;

/// <summary>What a migration did.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record MigrationReport
{
    /// <summary>The executions in their order; the last one decides.</summary>
    public required IReadOnlyList<ExecutionReport> Executions { get; init; }

    /// <summary>Whether the last execution was the one for which the instance is shut down.</summary>
    public bool ShutDown { get; init; }

    /// <summary>How the migration ended; <see cref="ExecutionStatus.Succeeded"/> when the replica equals the instance that was shut down.</summary>
    public ExecutionStatus Status => Executions[^1].Status;
}
