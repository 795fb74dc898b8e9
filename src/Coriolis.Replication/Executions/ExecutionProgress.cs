namespace Coriolis.Replication;

/// <summary>Where an execution stands, for display.</summary>
/// <remarks>Immutable; reported from several threads. Only the latest report of a disk matters.</remarks>
public sealed record ExecutionProgress
{
    /// <summary>The stage in lower-case words: <c>inspect</c>, <c>capture</c>, <c>verify destination</c>, <c>transfer</c>,
    /// <c>verify</c>, <c>commit</c>, <c>release</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>The disk concerned; <see langword="null"/> for the whole instance.</summary>
    public string? DiskId { get; init; }

    /// <summary>What the stage waits for, in words, when there is something to say.</summary>
    public string? Detail { get; init; }

    /// <summary>Size of the disk in bytes.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Everything before this byte of the disk is dealt with.</summary>
    public long PositionBytes { get; init; }

    /// <summary>Bytes written to the destination so far.</summary>
    public long TransferredBytes { get; init; }
}
