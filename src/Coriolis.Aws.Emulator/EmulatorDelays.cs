namespace Coriolis.Aws.Emulator;

/// <summary>How long resources take from one state to the next.</summary>
/// <remarks>Measured on the emulator's <see cref="AwsEmulatorOptions.TimeProvider"/>; nothing waits in real time. Immutable.</remarks>
public sealed record EmulatorDelays
{
    /// <summary>Gets delays that let every transition be over at the next call.</summary>
    public static EmulatorDelays None { get; } = new();

    /// <summary>Gets delays like those that users of AWS see.</summary>
    public static EmulatorDelays Realistic { get; } = new()
    {
        InstanceStart = TimeSpan.FromSeconds(20),
        InstanceStop = TimeSpan.FromSeconds(40),
        InstanceTerminate = TimeSpan.FromSeconds(30),
        VolumeCreate = TimeSpan.FromSeconds(1.5),
        VolumeAttach = TimeSpan.FromSeconds(2),
        VolumeDetach = TimeSpan.FromSeconds(2),
        VolumeDelete = TimeSpan.FromSeconds(2),
        VolumeModify = TimeSpan.FromSeconds(30),
        Snapshot = TimeSpan.FromSeconds(60),
        SnapshotPerGiB = TimeSpan.FromSeconds(2),
    };

    /// <summary>Gets the time from pending to running.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan InstanceStart { get; init; }

    /// <summary>Gets the time from stopping to stopped.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan InstanceStop { get; init; }

    /// <summary>Gets the time from shutting-down to terminated.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan InstanceTerminate { get; init; }

    /// <summary>Gets the time from creating to available.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan VolumeCreate { get; init; }

    /// <summary>Gets the time from attaching to attached.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan VolumeAttach { get; init; }

    /// <summary>Gets the time from detaching to detached.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan VolumeDetach { get; init; }

    /// <summary>Gets the time that a deleted volume can still be seen as deleting.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan VolumeDelete { get; init; }

    /// <summary>Gets the time from modifying to completed.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan VolumeModify { get; init; }

    /// <summary>Gets the time from pending to completed of any snapshot.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan Snapshot { get; init; }

    /// <summary>Gets the time that each GiB of the volume adds to <see cref="Snapshot"/>.</summary>
    /// <value>The default is zero.</value>
    public TimeSpan SnapshotPerGiB { get; init; }
}
