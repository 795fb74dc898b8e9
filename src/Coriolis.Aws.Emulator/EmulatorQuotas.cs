namespace Coriolis.Aws.Emulator;

/// <summary>The account's limits in each region.</summary>
/// <remarks>Immutable. The defaults are the documented ones of a new account, where there is one.</remarks>
public sealed record EmulatorQuotas
{
    /// <summary>Gets the number of instances that may exist.</summary>
    /// <value>The default is 1,000.</value>
    public int Instances { get; init; } = 1000;

    /// <summary>Gets the number of volumes that may exist.</summary>
    /// <value>The default is 10,000.</value>
    public int Volumes { get; init; } = 10_000;

    /// <summary>Gets the number of snapshots that may exist.</summary>
    /// <value>The default is 100,000.</value>
    public int Snapshots { get; init; } = 100_000;

    /// <summary>Gets the number of snapshots that may be pending.</summary>
    /// <value>The default is 100.</value>
    public int PendingSnapshots { get; init; } = 100;

    /// <summary>Gets the number of snapshots of one volume that may be pending; for st1 and sc1 volumes it is 1.</summary>
    /// <value>The default is 5.</value>
    public int PendingSnapshotsPerVolume { get; init; } = 5;

    /// <summary>Gets the number of snapshot copies that may be pending.</summary>
    /// <value>The default is 20.</value>
    public int PendingSnapshotCopies { get; init; } = 20;

    /// <summary>Gets the least time between two snapshots of one volume; zero switches the check off.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromSeconds(15);
}
