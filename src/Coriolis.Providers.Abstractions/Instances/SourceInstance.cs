namespace Coriolis.Providers;

/// <summary>The configuration of one instance, as far as a replica of it needs to know.</summary>
/// <remarks>Immutable; safe for concurrent use. A snapshot of the moment when it was read.</remarks>
public sealed record SourceInstance
{
    /// <summary>The id of the instance, unique in its region.</summary>
    public required string Id { get; init; }

    /// <summary>The <c>Name</c> tag, or the id when there is none.</summary>
    public required string Name { get; init; }

    /// <summary>The region that holds the instance.</summary>
    public required string Region { get; init; }

    /// <summary>The zone that the instance runs in.</summary>
    public required string AvailabilityZone { get; init; }

    /// <summary>The account that owns the instance.</summary>
    public required string AccountId { get; init; }

    /// <summary>The size of the instance.</summary>
    public required InstanceFlavor Flavor { get; init; }

    /// <summary>The processor architecture: <c>x86_64</c>, <c>arm64</c> or <c>i386</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The firmware that the instance boots with.</summary>
    public required FirmwareType Firmware { get; init; }

    /// <summary>Whether UEFI Secure Boot may be enforced in the guest.</summary>
    public bool SecureBootCapable { get; init; }

    /// <summary>The family of the guest's operating system.</summary>
    public required OsType OsType { get; init; }

    /// <summary>The cloud's own words for platform and licence, for example <c>Red Hat Enterprise Linux</c>.</summary>
    public string? PlatformDetails { get; init; }

    /// <summary>The power state when the configuration was read.</summary>
    public required PowerState PowerState { get; init; }

    /// <summary>The disks in a stable order: boot disk first, then by device name.</summary>
    public required IReadOnlyList<SourceDisk> Disks { get; init; }

    /// <summary>The network cards in the order of their device index.</summary>
    public required IReadOnlyList<SourceNic> Nics { get; init; }

    /// <summary>The host name inside the source network, when known.</summary>
    public string? Hostname { get; init; }

    /// <summary>The public address, when there is one.</summary>
    public string? PublicIpAddress { get; init; }

    /// <summary>The image that the instance was launched from.</summary>
    public string? ImageId { get; init; }

    /// <summary>The network that holds the instance.</summary>
    public string? VpcId { get; init; }

    /// <summary>The subnet of the primary network card.</summary>
    public string? SubnetId { get; init; }

    /// <summary>Marketplace product codes of the instance.</summary>
    public IReadOnlyList<string> ProductCodes { get; init; } = [];

    /// <summary>Whether hibernation is configured; a hibernated guest has memory contents on its boot disk.</summary>
    public bool HibernationConfigured { get; init; }

    /// <summary>The tags of the instance.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
