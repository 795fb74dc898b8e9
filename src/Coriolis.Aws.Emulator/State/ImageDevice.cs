namespace Coriolis.Aws.Emulator.State;

/// <summary>One entry of an image's block device mapping.</summary>
internal sealed record ImageDevice
{
    public required string DeviceName { get; init; }

    public string? SnapshotId { get; init; }

    public int SizeGiB { get; init; }

    public string VolumeType { get; init; } = "gp3";

    public int? Iops { get; init; }

    public int? Throughput { get; init; }

    public bool DeleteOnTermination { get; init; } = true;

    public bool Encrypted { get; init; }

    /// <summary>The instance store disk, for example <c>ephemeral0</c>; null for an EBS device.</summary>
    public string? VirtualName { get; init; }
}
