namespace Coriolis.Aws.Emulator;

/// <summary>A volume of an <see cref="InstanceSeed"/>.</summary>
/// <remarks>Immutable.</remarks>
public sealed record VolumeSeed
{
    /// <summary>Gets the size in GiB.</summary>
    public required int SizeGiB { get; init; }

    /// <summary>Gets the device name.</summary>
    /// <value>The default is <see langword="null"/>: the root device's for the first volume, then /dev/sdf, /dev/sdg and so on.</value>
    public string? DeviceName { get; init; }

    /// <summary>Gets the volume type.</summary>
    /// <value>The default is gp3.</value>
    public string VolumeType { get; init; } = "gp3";

    /// <summary>Gets the provisioned IOPS, which io1 and io2 need.</summary>
    public int? Iops { get; init; }

    /// <summary>Gets whether the volume is encrypted.</summary>
    public bool Encrypted { get; init; }

    /// <summary>Gets the encryption key: an id, ARN or alias. Without one an encrypted volume has the default key.</summary>
    public string? KmsKeyId { get; init; }

    /// <summary>Gets whether several instances may attach the volume at the same time.</summary>
    public bool MultiAttach { get; init; }

    /// <summary>Gets whether the volume goes with the instance.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool DeleteOnTermination { get; init; } = true;

    /// <summary>Gets the marketplace product codes.</summary>
    public IReadOnlyList<string> ProductCodes { get; init; } = [];

    /// <summary>Gets the tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the raw file that the volume starts as a copy of.</summary>
    /// <value>The default is <see langword="null"/>: an empty volume.</value>
    public string? SourceFile { get; init; }

    /// <summary>Gets the layout of a volume whose bytes are computed, which takes no disk space.</summary>
    /// <value>The default is <see langword="null"/>: a volume with bytes.</value>
    public SyntheticVolumeSpec? Synthetic { get; init; }
}
