namespace Coriolis.Providers;

/// <summary>Names one disk of a replica to a destination.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record DiskDescriptor
{
    /// <summary>The replica that the disk belongs to.</summary>
    public required string ReplicaId { get; init; }

    /// <summary>The source instance.</summary>
    public required string InstanceId { get; init; }

    /// <summary>The source disk.</summary>
    public required string DiskId { get; init; }

    /// <summary>Size of the source disk in bytes. The destination may be larger where it cannot be equal.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Whether the instance boots from this disk.</summary>
    public bool IsBoot { get; init; }
}
