namespace Coriolis.Providers;

/// <summary>One network card of an instance.</summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed record SourceNic
{
    /// <summary>The id of the network interface.</summary>
    public required string Id { get; init; }

    /// <summary>The position of the card in the instance; 0 is the primary one.</summary>
    public required int DeviceIndex { get; init; }

    /// <summary>The hardware address, lower case with colons.</summary>
    public required string MacAddress { get; init; }

    /// <summary>The network that the card is in.</summary>
    public required string NetworkId { get; init; }

    /// <summary>The subnet that the card is in.</summary>
    public string? SubnetId { get; init; }

    /// <summary>Private IPv4 and IPv6 addresses, primary first.</summary>
    public IReadOnlyList<string> IpAddresses { get; init; } = [];

    /// <summary>The security groups of the card.</summary>
    public IReadOnlyList<string> SecurityGroupIds { get; init; } = [];
}
