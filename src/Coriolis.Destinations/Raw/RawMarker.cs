namespace Coriolis.Destinations;

/// <summary>What the marker file beside a raw disk says. It is replaced as a whole and durably.</summary>
internal sealed record RawMarker
{
    public required string ReplicaId { get; init; }

    public required string DiskId { get; init; }

    public required RawMarkerState State { get; init; }

    /// <summary>The content root of the last commit, in hexadecimal; only when the disk is clean.</summary>
    public string? ContentRoot { get; init; }

    public string? ExecutionId { get; init; }

    /// <summary>What the file was like at the commit; <see langword="null"/> for a block device.</summary>
    public FileIdentity? File { get; init; }
}
