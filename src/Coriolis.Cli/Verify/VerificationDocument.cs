namespace Coriolis.Cli;

/// <summary>What <c>verify --json</c> prints.</summary>
internal sealed record VerificationDocument
{
    public required string InstanceId { get; init; }

    /// <summary><c>verified</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    public required double Seconds { get; init; }

    public required IReadOnlyList<VerifiedDiskDocument> Disks { get; init; }
}
