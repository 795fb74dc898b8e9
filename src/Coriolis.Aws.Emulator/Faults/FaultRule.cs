namespace Coriolis.Aws.Emulator;

/// <summary>Says which calls fail and how.</summary>
/// <remarks>Thread safety: immutable.</remarks>
public sealed record FaultRule
{
    /// <summary>Gets the calls that the rule is for, as <c>service:Operation</c>; <c>*</c> stands for any characters.</summary>
    /// <example><c>ebs:GetSnapshotBlock</c>, <c>ec2:Describe*</c>, <c>*</c></example>
    public required string Operation { get; init; }

    /// <summary>Gets what happens to those calls.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>Gets the id that the call must name (an instance, volume, snapshot or key).</summary>
    /// <value>The default is <see langword="null"/>: any.</value>
    public string? ResourceId { get; init; }

    /// <summary>Gets how many matching calls go through before the first fault.</summary>
    /// <value>The default is 0.</value>
    public int Skip { get; init; }

    /// <summary>Gets how many faults the rule makes before it is used up.</summary>
    /// <value>The default is <see langword="null"/>: no limit.</value>
    public int? Count { get; init; }

    /// <summary>Gets the time of <see cref="FaultKind.Delay"/> and <see cref="FaultKind.LateConsistency"/>, on the emulator's clock.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets how much a real worker reads of its volumes before <see cref="FaultKind.MachineFailure"/>, <see cref="FaultKind.MachineReboot"/>,
    /// <see cref="FaultKind.ConnectionReset"/>, <see cref="FaultKind.UnreadableDisk"/>, <see cref="FaultKind.ShrunkenDisk"/> or
    /// <see cref="FaultKind.LostDisk"/> happens to it.
    /// </summary>
    /// <value>The default is 0: as soon as it reads anything.</value>
    public long AfterBytes { get; init; }

    /// <summary>Gets how fast a real worker reads each volume with <see cref="FaultKind.SlowDisk"/>.</summary>
    /// <value>The default is 32 MiB.</value>
    public long BytesPerSecond { get; init; } = 32 << 20;

    /// <summary>Gets the HTTP status of <see cref="FaultKind.ServerError"/>.</summary>
    /// <value>The default is 500.</value>
    public int Status { get; init; } = 500;

    /// <summary>Gets the error code to answer instead of the kind's own.</summary>
    /// <value>The default is <see langword="null"/>: the service's code for this kind.</value>
    public string? Code { get; init; }

    /// <summary>Gets the Reason member of an EBS error to answer instead of the kind's own.</summary>
    /// <value>The default is <see langword="null"/>: the service's reason for this kind.</value>
    public string? Reason { get; init; }
}
