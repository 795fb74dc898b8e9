namespace Coriolis.Providers.Aws;

/// <summary>The snapshots of one instance that were taken at the same point in time, by volume id.</summary>
internal sealed record SnapshotSet(DateTimeOffset PointInTime, IReadOnlyDictionary<string, VolumeSnapshot> ByVolume);

/// <summary>The snapshot of one volume.</summary>
/// <param name="Id">The snapshot id.</param>
/// <param name="VolumeId">The volume.</param>
/// <param name="SizeBytes">The size of the volume at the point in time.</param>
internal sealed record VolumeSnapshot(string Id, string VolumeId, long SizeBytes);
