namespace Coriolis.Aws.Emulator.State;

/// <summary>A volume's attachment to an instance.</summary>
internal sealed record VolumeAttachment
{
    public required string InstanceId { get; init; }

    public required string Device { get; init; }

    /// <summary>One of <c>attaching</c>, <c>attached</c>, <c>detaching</c>, <c>detached</c>.</summary>
    public required string State { get; init; }

    public Transition? Next { get; init; }

    public required DateTimeOffset AttachTime { get; init; }

    public bool DeleteOnTermination { get; init; }
}
