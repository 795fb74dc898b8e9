using Coriolis.Replication;

namespace Coriolis.Cli;

/// <summary>One disk in what <c>verify --json</c> prints.</summary>
internal sealed record VerifiedDiskDocument
{
    public required string DiskId { get; init; }

    public required long SizeBytes { get; init; }

    public required string? Digest { get; init; }

    /// <summary><c>equal</c>, <c>different</c>, <c>missing</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    public required long DifferentChunks { get; init; }

    /// <summary>The lowest ranges that differ, not always all of them.</summary>
    public required IReadOnlyList<RangeDocument> DifferentRanges { get; init; }

    public required Failure? Error { get; init; }

    public static VerifiedDiskDocument From(DiskVerification disk) => new()
    {
        DiskId = disk.DiskId,
        SizeBytes = disk.SizeBytes,
        Digest = disk.ContentRoot?.ToString(),
        Status = Words.Lower(disk.Status),
        DifferentChunks = disk.DifferentChunks,
        DifferentRanges = [.. disk.DifferentRanges.Select(range => new RangeDocument(range.Offset, range.Length))],
        Error = disk.Error is null ? null : Failure.From(disk.Error),
    };
}
