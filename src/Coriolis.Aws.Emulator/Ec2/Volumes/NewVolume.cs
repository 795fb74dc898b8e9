using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Volumes;

/// <summary>What a request asks of a new volume; what it leaves open is null.</summary>
internal sealed record NewVolume
{
    public required string AvailabilityZone { get; init; }

    public int? SizeGiB { get; init; }

    public string? VolumeType { get; init; }

    public int? Iops { get; init; }

    public int? Throughput { get; init; }

    public int? InitializationRate { get; init; }

    public string? SnapshotId { get; init; }

    public bool? Encrypted { get; init; }

    public string? KmsKeyId { get; init; }

    public bool MultiAttach { get; init; }

    public IReadOnlyList<string> ProductCodes { get; init; } = [];

    public IReadOnlyDictionary<string, string> Tags { get; init; } = TagSet.Empty;

    /// <summary>The raw file that the volume starts as a copy of.</summary>
    public string? File { get; init; }

    /// <summary>The layout of a volume whose bytes are computed.</summary>
    public SyntheticVolumeSpec? Synthetic { get; init; }

    /// <summary>Reads an <c>Ebs</c> structure of a block device mapping over what the image or nothing says.</summary>
    public NewVolume Override(QueryParameters ebs) => this with
    {
        SizeGiB = ebs.Integer("VolumeSize") ?? SizeGiB,
        VolumeType = ebs.Text("VolumeType") ?? VolumeType,
        Iops = ebs.Integer("Iops") ?? Iops,
        Throughput = ebs.Integer("Throughput") ?? Throughput,
        InitializationRate = ebs.Integer("VolumeInitializationRate") ?? InitializationRate,
        SnapshotId = ebs.Text("SnapshotId") ?? SnapshotId,
        Encrypted = ebs.Boolean("Encrypted") ?? Encrypted,
        KmsKeyId = ebs.Text("KmsKeyId") ?? KmsKeyId,
        // A mapping that names another snapshot replaces the image's file too.
        File = ebs.Text("SnapshotId") is null ? File : null,
    };

    public void CheckZone(Region region)
    {
        if (!Networking.ZoneNames.Of(region.Name).Contains(AvailabilityZone))
        {
            throw Ec2Errors.Create("InvalidZone.NotFound", $"The zone '{AvailabilityZone}' does not exist.");
        }
    }
}
