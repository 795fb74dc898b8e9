namespace Coriolis.Aws.Emulator.State;

/// <summary>A security group.</summary>
internal sealed record SecurityGroupRecord : IResource
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = TagSet.Empty;

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string VpcId { get; init; }

    public IReadOnlyList<SecurityRule> Rules { get; init; } = [];
}
