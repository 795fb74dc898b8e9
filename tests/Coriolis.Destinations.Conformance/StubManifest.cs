using Coriolis.Providers;

namespace Coriolis.Destinations.Conformance;

/// <summary>A manifest of which only description and root matter: one digest for all.</summary>
public sealed class StubManifest(DiskDescriptor disk, ChunkDigest digest) : IDiskManifest
{
    /// <inheritdoc/>
    public DiskManifestInfo Info { get; } = new()
    {
        ReplicaId = disk.ReplicaId,
        InstanceId = disk.InstanceId,
        DiskId = disk.DiskId,
        SizeBytes = disk.SizeBytes,
        ChunkSize = ChunkRange.DefaultChunkSize,
        SourceReference = "snap-1",
        ExecutionId = "exec-1",
        PointInTime = DateTimeOffset.UnixEpoch,
    };

    /// <inheritdoc/>
    public ChunkDigest ContentRoot { get; } = digest;

    /// <inheritdoc/>
    public ValueTask ReadDigestsAsync(long firstChunk, Memory<ChunkDigest> digests, CancellationToken cancellationToken = default)
    {
        digests.Span.Fill(ContentRoot);
        return ValueTask.CompletedTask;
    }
}
