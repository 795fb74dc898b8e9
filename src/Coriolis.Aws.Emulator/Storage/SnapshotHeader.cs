namespace Coriolis.Aws.Emulator.Storage;

/// <summary>The JSON header of a snapshot's index file. A synthetic snapshot is its layout and has no records.</summary>
internal sealed record SnapshotHeader(SnapshotIdentity Identity, SyntheticLayout? Synthetic);
