using System.Text.Json.Serialization;
using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>What <c>verify --json</c> prints.</summary>
internal sealed record VerificationDocument
{
    public required string InstanceId { get; init; }

    /// <summary><c>equal</c> when every disk is, otherwise <c>different</c>.</summary>
    public required string Status { get; init; }

    public required double Seconds { get; init; }

    public required IReadOnlyList<VerifiedDiskDocument> Disks { get; init; }

    /// <summary>The execution that repaired it; <see langword="null"/> when nothing was to be, or none was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExecutionDocument? Repair { get; init; }

    public static VerificationDocument From(VerificationReport report, TimeSpan duration) => new()
    {
        InstanceId = report.InstanceId,
        Status = Words.Lower(report.IsEqual ? VerificationStatus.Equal : VerificationStatus.Different),
        Seconds = Math.Round(duration.TotalSeconds, 3),
        Disks = [.. report.Disks.Select(VerifiedDiskDocument.From)],
    };
}
