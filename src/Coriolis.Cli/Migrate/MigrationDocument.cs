using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>What <c>migrate --json</c> prints.</summary>
internal sealed record MigrationDocument
{
    public required string InstanceId { get; init; }

    public required string Status { get; init; }

    /// <summary>Whether the instance was shut down, and stays so.</summary>
    public required bool IsShutDown { get; init; }

    public required IReadOnlyList<ExecutionDocument> Executions { get; init; }

    public required IReadOnlyDictionary<string, long> AwsCalls { get; init; }

    public static MigrationDocument From(MigrationReport report, IReadOnlyDictionary<string, long> awsCalls) => new()
    {
        InstanceId = report.Executions[^1].InstanceId,
        Status = Words.Lower(report.Status),
        IsShutDown = report is { ShutDown: true, Status: ExecutionStatus.Succeeded },
        Executions = [.. report.Executions.Select(ExecutionDocument.From)],
        AwsCalls = awsCalls,
    };
}
