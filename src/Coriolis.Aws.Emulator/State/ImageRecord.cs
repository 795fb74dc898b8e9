namespace Coriolis.Aws.Emulator.State;

/// <summary>A machine image.</summary>
internal sealed record ImageRecord : IResource
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = TagSet.Empty;

    public required string Name { get; init; }

    public string? Description { get; init; }

    public required string OwnerId { get; init; }

    public string? OwnerAlias { get; init; }

    public bool Public { get; init; }

    public required string Architecture { get; init; }

    public required string RootDeviceName { get; init; }

    public string VirtualizationType { get; init; } = "hvm";

    public string? BootMode { get; init; }

    public bool EnaSupport { get; init; } = true;

    public string? Platform { get; init; }

    public string PlatformDetails { get; init; } = "Linux/UNIX";

    public string UsageOperation { get; init; } = "RunInstances";

    public string? ImdsSupport { get; init; }

    public string? TpmSupport { get; init; }

    public required DateTimeOffset CreationDate { get; init; }

    public IReadOnlyList<string> ProductCodes { get; init; } = [];

    public IReadOnlyList<ImageDevice> Devices { get; init; } = [];

    /// <summary>The raw file that root volumes start with; null for an image made of snapshots.</summary>
    public string? RootFile { get; init; }

    /// <summary>Whether the image comes with the emulator or its options rather than from a call.</summary>
    public bool BuiltIn { get; init; }
}
