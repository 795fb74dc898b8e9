namespace Coriolis.Providers.Aws.Tests.Blocks;

/// <summary>A manifest of which only the description matters.</summary>
internal sealed class FakeManifest(string sourceReference, long sizeBytes, int chunkSize = ChunkRange.DefaultChunkSize) : IDiskManifest
{
    public DiskManifestInfo Info { get; } = new()
    {
        ReplicaId = "replica",
        InstanceId = "i-1",
        DiskId = "vol-1",
        SizeBytes = sizeBytes,
        ChunkSize = chunkSize,
        SourceReference = sourceReference,
        ExecutionId = "execution",
        PointInTime = default,
    };

    public ChunkDigest ContentRoot => throw new NotSupportedException();

    public ValueTask ReadDigestsAsync(long firstChunk, Memory<ChunkDigest> digests, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();
}
