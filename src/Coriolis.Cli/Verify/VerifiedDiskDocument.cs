namespace Coriolis.Cli;

/// <summary>One disk in what <c>verify --json</c> prints.</summary>
internal sealed record VerifiedDiskDocument
{
    public required string DiskId { get; init; }

    public required long SizeBytes { get; init; }

    public required string? Digest { get; init; }

    /// <summary><c>verified</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    public required Failure? Error { get; init; }
}
