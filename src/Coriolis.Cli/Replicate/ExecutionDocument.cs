using System.Text.Json.Serialization;
using Coriolis.Providers;
using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>What <c>replicate --json</c> prints.</summary>
internal sealed record ExecutionDocument
{
    public required string ExecutionId { get; init; }

    public required string InstanceId { get; init; }

    public required string Mode { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset PointInTime { get; init; }

    public required bool Resumed { get; init; }

    public required double Seconds { get; init; }

    public required IReadOnlyList<DiskDocument> Disks { get; init; }

    /// <summary>Left out where the execution is part of a document that counts them itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, long>? AwsCalls { get; init; }

    public required IReadOnlyList<LeftoverResource> LeftBehind { get; init; }

    public static ExecutionDocument From(ExecutionReport report) => new()
    {
        ExecutionId = report.ExecutionId,
        InstanceId = report.InstanceId,
        Mode = Words.Lower(report.Mode),
        Status = Words.Lower(report.Status),
        PointInTime = report.PointInTime,
        Resumed = report.Resumed,
        Seconds = Math.Round(report.Duration.TotalSeconds, 3),
        Disks = [.. report.Disks.Select(DiskDocument.From)],
        LeftBehind = report.LeftBehind,
    };
}
