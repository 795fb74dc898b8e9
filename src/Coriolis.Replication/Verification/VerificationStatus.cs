namespace Coriolis.Replication;

/// <summary>The outcome of comparing a disk with its manifest.</summary>
public enum VerificationStatus
{
    /// <summary>The comparison could not be made; <see cref="DiskVerification.Error"/> says why.</summary>
    Failed = 0,

    /// <summary>Every chunk has the digest that the manifest records.</summary>
    Equal,

    /// <summary>At least one chunk differs.</summary>
    Different,

    /// <summary>The destination has no such disk, or a new one that nothing was written to.</summary>
    Missing,
}
