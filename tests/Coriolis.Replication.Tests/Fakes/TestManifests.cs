using Coriolis.Providers;

namespace Coriolis.Replication.Tests;

internal static class TestManifests
{
    public static DiskManifestInfo Describe(long sizeBytes, int chunkSize = TestReplica.ChunkSize, string diskId = "vol-1") => new()
    {
        ReplicaId = "replica-1",
        InstanceId = "i-1",
        DiskId = diskId,
        SizeBytes = sizeBytes,
        ChunkSize = chunkSize,
        SourceReference = "snap-1",
        ExecutionId = "exec-1",
        PointInTime = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
    };

    /// <summary>Writes a sealed manifest with the given digests.</summary>
    public static ChunkDigest Write(string path, DiskManifestInfo info, IReadOnlyList<ChunkDigest> digests)
    {
        using var draft = ManifestDraft.Create(path, info, null, CancellationToken.None);
        for (var i = 0; i < digests.Count; i++)
        {
            draft.Set(i, digests[i]);
        }

        return draft.Seal(CancellationToken.None);
    }

    public static ChunkDigest Digest(int seed) => ChunkDigest.Compute(BitConverter.GetBytes(seed + 1));
}
