namespace Coriolis.Aws.Emulator.State;

/// <summary>A VPC.</summary>
internal sealed record VpcRecord : IResource
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = TagSet.Empty;

    public required string CidrBlock { get; init; }

    public bool IsDefault { get; init; } = true;
}
