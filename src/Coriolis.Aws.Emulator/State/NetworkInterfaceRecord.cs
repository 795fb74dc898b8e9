namespace Coriolis.Aws.Emulator.State;

/// <summary>An elastic network interface; every one belongs to an instance and ends with it.</summary>
internal sealed record NetworkInterfaceRecord : IResource
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = TagSet.Empty;

    public required string SubnetId { get; init; }

    public required string VpcId { get; init; }

    public required string AvailabilityZone { get; init; }

    public required string MacAddress { get; init; }

    public required string PrivateIp { get; init; }

    public string? PublicIp { get; init; }

    /// <summary>Whether the instance is stopped and has given its public address back; it gets another when it starts.</summary>
    public bool PublicIpReleased { get; init; }

    public required IReadOnlyList<string> GroupIds { get; init; }

    public required string InstanceId { get; init; }

    public required string AttachmentId { get; init; }

    public int DeviceIndex { get; init; }

    public string Description { get; init; } = "";

    public required DateTimeOffset AttachTime { get; init; }
}
