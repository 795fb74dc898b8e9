namespace Coriolis.Worker;

/// <summary>How the interface of the existing replicator behaves.</summary>
internal sealed record ReplicatorOptions
{
    public HashKind Hash { get; init; } = HashKind.Sha256;

    public int ChunkSize { get; init; } = 10 * 1024 * 1024;

    /// <summary>Whether disks that appear later are taken up.</summary>
    public bool WatchDevices { get; init; } = true;

    /// <summary>Whether nothing is hashed: for clients that know what has changed.</summary>
    public bool DisableChunking { get; init; }

    /// <summary>The name of the hash in the interface.</summary>
    public string HashName => Hash == HashKind.Sha256 ? "sha256" : "xxhash";
}
