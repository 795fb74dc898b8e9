namespace Coriolis.Replication;

/// <summary>Whether the disks of a replica hold what their manifests say.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record VerificationReport
{
    /// <summary>The source instance.</summary>
    public required string InstanceId { get; init; }

    /// <summary>One result per disk that has a manifest, in the order of their ids.</summary>
    public required IReadOnlyList<DiskVerification> Disks { get; init; }

    /// <summary>Whether there is a disk and every disk equals its manifest.</summary>
    public bool IsEqual => Disks.Count > 0 && Disks.All(disk => disk.Status == VerificationStatus.Equal);
}
