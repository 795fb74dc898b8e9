namespace Coriolis.Replication;

/// <summary>What the state directory knows about one disk of a replica.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record ReplicaDisk
{
    /// <summary>The source disk.</summary>
    public required string DiskId { get; init; }

    /// <summary>Size of the disk in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>The moment that the last commit holds; <see langword="null"/> before the first commit.</summary>
    public DateTimeOffset? PointInTime { get; init; }

    /// <summary>The stage of the last execution for this disk; <see langword="null"/> when it did not get to it.</summary>
    public string? Stage { get; init; }

    /// <summary>Everything before this byte is dealt with in that stage.</summary>
    public long PositionBytes { get; init; }

    /// <summary>Bytes that the last execution has written to the destination.</summary>
    public long TransferredBytes { get; init; }
}
