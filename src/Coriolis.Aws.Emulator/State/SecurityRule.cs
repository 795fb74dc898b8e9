namespace Coriolis.Aws.Emulator.State;

/// <summary>One rule of a security group: one protocol, port range and peer.</summary>
internal sealed record SecurityRule
{
    public required string Id { get; init; }

    public required bool Egress { get; init; }

    /// <summary><c>tcp</c>, <c>udp</c>, <c>icmp</c>, <c>icmpv6</c>, a number, or <c>-1</c> for all.</summary>
    public required string Protocol { get; init; }

    public int FromPort { get; init; } = -1;

    public int ToPort { get; init; } = -1;

    public string? CidrIpv4 { get; init; }

    public string? CidrIpv6 { get; init; }

    public string? PrefixListId { get; init; }

    public string? PeerGroupId { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = TagSet.Empty;

    /// <summary>Whether both say the same, whatever their ids and descriptions.</summary>
    public bool SamePermission(SecurityRule other) =>
        (Egress, Protocol, FromPort, ToPort, CidrIpv4, CidrIpv6, PrefixListId, PeerGroupId)
        == (other.Egress, other.Protocol, other.FromPort, other.ToPort, other.CidrIpv4, other.CidrIpv6, other.PrefixListId, other.PeerGroupId);
}
