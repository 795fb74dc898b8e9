namespace Coriolis.Aws.Emulator.Storage;

/// <summary>
/// What a volume's bytes do not tell, kept in a file beside them: its size, its layout when it is synthetic, and the snapshot whose blocks a
/// first snapshot can share.
/// </summary>
internal sealed record StoredVolume(long SizeBytes, SyntheticLayout? Synthetic, string? BaseSnapshotId);
