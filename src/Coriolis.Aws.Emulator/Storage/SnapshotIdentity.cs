namespace Coriolis.Aws.Emulator.Storage;

/// <summary>
/// What a stored snapshot is. Snapshots of one lineage can be compared: those of one volume, and those started on top of one of them.
/// A higher sequence is a later snapshot.
/// </summary>
internal sealed record SnapshotIdentity(string SnapshotId, string Lineage, long Sequence, long VolumeSizeBytes);
