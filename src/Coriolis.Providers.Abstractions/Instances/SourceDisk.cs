namespace Coriolis.Providers;

/// <summary>One block device of an instance.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record SourceDisk
{
    /// <summary>
    /// The stable id: the volume id, for example <c>vol-0123456789abcdef0</c>; for an instance-store disk
    /// <c>ephemeral0</c>, <c>ephemeral1</c>, ….
    /// </summary>
    public required string Id { get; init; }

    /// <summary>The device name in the block device mapping, for example <c>/dev/sda1</c>; the guest may use another.</summary>
    public required string DeviceName { get; init; }

    /// <summary>The size in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Whether the instance boots from this disk.</summary>
    public required bool IsBoot { get; init; }

    /// <summary>What the disk is made of; only <see cref="DiskKind.Volume"/> can be replicated.</summary>
    public DiskKind Kind { get; init; } = DiskKind.Volume;

    /// <summary>The volume type, for example <c>gp3</c>.</summary>
    public string? VolumeType { get; init; }

    /// <summary>Provisioned I/O operations per second, when the type has them.</summary>
    public int? Iops { get; init; }

    /// <summary>Provisioned throughput in MiB per second, when the type has it.</summary>
    public int? ThroughputMiBps { get; init; }

    /// <summary>Whether the volume is encrypted.</summary>
    public bool Encrypted { get; init; }

    /// <summary>The ARN of the key that encrypts the volume, when it is encrypted.</summary>
    public string? KmsKeyId { get; init; }

    /// <summary>Whether the volume may be attached to several instances at once.</summary>
    public bool MultiAttach { get; init; }

    /// <summary>Whether the source volume goes when the instance is terminated.</summary>
    public bool DeleteOnTermination { get; init; }

    /// <summary>Marketplace product codes of the volume.</summary>
    public IReadOnlyList<string> ProductCodes { get; init; } = [];
}
