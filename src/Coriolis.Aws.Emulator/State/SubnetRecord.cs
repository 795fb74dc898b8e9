namespace Coriolis.Aws.Emulator.State;

/// <summary>A subnet.</summary>
internal sealed record SubnetRecord : IResource
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = TagSet.Empty;

    public required string VpcId { get; init; }

    public required string AvailabilityZone { get; init; }

    /// <summary>The first three octets of its /20 block are <c>172.31.x</c>.</summary>
    public required string CidrBlock { get; init; }

    /// <summary>Whether it is the default subnet of its zone.</summary>
    public bool IsDefault { get; init; } = true;
}
