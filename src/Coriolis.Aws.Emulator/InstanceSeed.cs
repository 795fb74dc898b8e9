namespace Coriolis.Aws.Emulator;

/// <summary>An instance to put into a region without launching it: also such as AWS no longer lets anyone launch.</summary>
/// <remarks>Immutable.</remarks>
public sealed record InstanceSeed
{
    /// <summary>Gets the volumes; the first is the root volume.</summary>
    public required IReadOnlyList<VolumeSeed> Volumes { get; init; }

    /// <summary>Gets the <c>Name</c> tag.</summary>
    /// <value>The default is <see langword="null"/>: no such tag.</value>
    public string? Name { get; init; }

    /// <summary>Gets the other tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the instance type.</summary>
    /// <value>The default is t3.micro.</value>
    public string InstanceType { get; init; } = "t3.micro";

    /// <summary>Gets the zone.</summary>
    /// <value>The default is <see langword="null"/>: the region's first.</value>
    public string? AvailabilityZone { get; init; }

    /// <summary>Gets the state: pending, running, stopping, stopped, shutting-down or terminated. It does not change by itself.</summary>
    /// <value>The default is running.</value>
    public string State { get; init; } = "running";

    /// <summary>Gets the processor architecture: x86_64, arm64 or i386.</summary>
    /// <value>The default is x86_64.</value>
    public string Architecture { get; init; } = "x86_64";

    /// <summary>Gets the virtualization type: hvm or paravirtual.</summary>
    /// <value>The default is hvm.</value>
    public string VirtualizationType { get; init; } = "hvm";

    /// <summary>Gets the boot mode: legacy-bios, uefi or uefi-preferred.</summary>
    /// <value>The default is <see langword="null"/>: not stated, as with older images.</value>
    public string? BootMode { get; init; }

    /// <summary>Gets the platform: <c>windows</c>, or <see langword="null"/> for all others.</summary>
    public string? Platform { get; init; }

    /// <summary>Gets the platform's details as on a bill, for example <c>Red Hat Enterprise Linux</c>.</summary>
    /// <value>The default is Linux/UNIX.</value>
    public string PlatformDetails { get; init; } = "Linux/UNIX";

    /// <summary>Gets the device name of the root volume.</summary>
    /// <value>The default is /dev/sda1.</value>
    public string RootDeviceName { get; init; } = "/dev/sda1";

    /// <summary>Gets the kind of root device: ebs or instance-store.</summary>
    /// <value>The default is ebs.</value>
    public string RootDeviceType { get; init; } = "ebs";

    /// <summary>Gets the marketplace product codes.</summary>
    public IReadOnlyList<string> ProductCodes { get; init; } = [];

    /// <summary>Gets whether the instance is configured to hibernate.</summary>
    public bool HibernationConfigured { get; init; }

    /// <summary>Gets whether this is a spot instance.</summary>
    public bool Spot { get; init; }

    /// <summary>Gets the number of network interfaces.</summary>
    /// <value>The default is 1.</value>
    public int NetworkInterfaces { get; init; } = 1;
}
