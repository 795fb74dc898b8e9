namespace Coriolis.Aws.Emulator.Storage;

/// <summary>What a new volume holds.</summary>
internal abstract record VolumeContent
{
    public static VolumeContent Empty { get; } = new EmptyContent();

    public static VolumeContent FromSnapshot(string snapshotId) => new SnapshotSource(snapshotId);

    public static VolumeContent FromFile(string path) => new FileSource(path);

    public static VolumeContent Synthetic(SyntheticVolumeSpec spec) => new SyntheticSource(spec);

    public sealed record EmptyContent : VolumeContent;

    public sealed record SnapshotSource(string SnapshotId) : VolumeContent;

    public sealed record FileSource(string Path) : VolumeContent;

    public sealed record SyntheticSource(SyntheticVolumeSpec Spec) : VolumeContent;
}
