namespace Coriolis.Providers.Aws.Workers;

/// <summary>A disk with the snapshot that it is read from.</summary>
internal sealed record CapturedDisk(SourceDisk Disk, VolumeSnapshot Snapshot);
