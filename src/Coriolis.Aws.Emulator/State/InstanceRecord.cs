using Coriolis.Aws.Emulator.Workers;

namespace Coriolis.Aws.Emulator.State;

/// <summary>An EC2 instance. Its volumes and network interfaces point to it, not it to them.</summary>
internal sealed record InstanceRecord : IResource
{
    public required string Id { get; init; }

    public required long Sequence { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = TagSet.Empty;

    public required string ReservationId { get; init; }

    public required string ImageId { get; init; }

    public required string InstanceType { get; init; }

    /// <summary>One of <c>pending</c>, <c>running</c>, <c>stopping</c>, <c>stopped</c>, <c>shutting-down</c>, <c>terminated</c>.</summary>
    public required string State { get; init; }

    public Transition? Next { get; init; }

    public string? StateReasonCode { get; init; }

    public string? StateReason { get; init; }

    /// <summary>Who asked for the last change of the state, and when; empty for an instance that was started.</summary>
    public string TransitionReason { get; init; } = "";

    public DateTimeOffset? TerminatedAt { get; init; }

    public required DateTimeOffset LaunchTime { get; init; }

    public required string AvailabilityZone { get; init; }

    public required string SubnetId { get; init; }

    public required string VpcId { get; init; }

    public string? KeyName { get; init; }

    public int LaunchIndex { get; init; }

    public required string PrivateIp { get; init; }

    public required string Architecture { get; init; }

    public string VirtualizationType { get; init; } = "hvm";

    public required string RootDeviceName { get; init; }

    public string RootDeviceType { get; init; } = "ebs";

    public string? BootMode { get; init; }

    /// <summary><c>windows</c> for Windows, otherwise null.</summary>
    public string? Platform { get; init; }

    public string PlatformDetails { get; init; } = "Linux/UNIX";

    public string UsageOperation { get; init; } = "RunInstances";

    public string? ClientToken { get; init; }

    public IReadOnlyList<string> ProductCodes { get; init; } = [];

    public bool HibernationConfigured { get; init; }

    public MetadataOptions Metadata { get; init; } = new();

    public bool DisableApiTermination { get; init; }

    public bool DisableApiStop { get; init; }

    public string ShutdownBehavior { get; init; } = "stop";

    public bool SourceDestCheck { get; init; } = true;

    public bool EbsOptimized { get; init; }

    public bool EnaSupport { get; init; } = true;

    public bool DetailedMonitoring { get; init; }

    public bool Spot { get; init; }

    public string? IamInstanceProfileArn { get; init; }

    /// <summary>Base64, as the client sent it.</summary>
    public string? UserData { get; init; }

    public string? ConsoleOutput { get; init; }

    /// <summary>Whether the instance is to be a real machine on this host.</summary>
    public bool Hosted { get; init; }

    /// <summary>What is wrong with its machine.</summary>
    public MachineFault? Fault { get; init; }

    /// <summary>How often it has been rebooted.</summary>
    public int Boots { get; init; }
}
