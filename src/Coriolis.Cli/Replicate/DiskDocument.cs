using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>One disk in what <c>replicate --json</c> prints.</summary>
internal sealed record DiskDocument
{
    public required string DiskId { get; init; }

    public required long SizeBytes { get; init; }

    public required string Mode { get; init; }

    public required string ReadPath { get; init; }

    public required long ChangedBytes { get; init; }

    public required long ZeroBytes { get; init; }

    public required long TransferredBytes { get; init; }

    public required long ResumedBytes { get; init; }

    public required string? Digest { get; init; }

    public required string Status { get; init; }

    public required Failure? Error { get; init; }

    public static DiskDocument From(DiskReport report) => new()
    {
        DiskId = report.DiskId,
        SizeBytes = report.SizeBytes,
        Mode = Words.Lower(report.Mode),
        ReadPath = Words.Lower(report.ReadPath),
        ChangedBytes = report.ChangedBytes,
        ZeroBytes = report.ZeroBytes,
        TransferredBytes = report.TransferredBytes,
        ResumedBytes = report.ResumedBytes,
        Digest = report.ContentRoot?.ToString(),
        Status = Words.Lower(report.Status),
        Error = report.Error is null ? null : Failure.From(report.Error),
    };
}
