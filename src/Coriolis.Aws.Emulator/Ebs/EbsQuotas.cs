namespace Coriolis.Aws.Emulator;

/// <summary>The request rates of the EBS direct APIs, each in requests per second with a burst of one second.</summary>
/// <remarks>Measured on the emulator's clock. A value of <see langword="null"/> is no limit. Immutable.</remarks>
public sealed record EbsQuotas
{
    /// <summary>Gets the quotas of a new account as AWS documents them.</summary>
    public static EbsQuotas Documented { get; } = new()
    {
        GetSnapshotBlockPerAccount = 1000,
        GetSnapshotBlockPerSnapshot = 1000,
        PutSnapshotBlockPerAccount = 1000,
        PutSnapshotBlockPerSnapshot = 1000,
        ListSnapshotBlocksPerAccount = 50,
        ListChangedBlocksPerAccount = 50,
        StartSnapshotPerAccount = 10,
        CompleteSnapshotPerAccount = 10,
    };

    /// <summary>Gets the rate of GetSnapshotBlock in a region.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? GetSnapshotBlockPerAccount { get; init; }

    /// <summary>Gets the rate of GetSnapshotBlock on one snapshot.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? GetSnapshotBlockPerSnapshot { get; init; }

    /// <summary>Gets the rate of PutSnapshotBlock in a region.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? PutSnapshotBlockPerAccount { get; init; }

    /// <summary>Gets the rate of PutSnapshotBlock on one snapshot.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? PutSnapshotBlockPerSnapshot { get; init; }

    /// <summary>Gets the rate of ListSnapshotBlocks in a region.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? ListSnapshotBlocksPerAccount { get; init; }

    /// <summary>Gets the rate of ListChangedBlocks in a region.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? ListChangedBlocksPerAccount { get; init; }

    /// <summary>Gets the rate of StartSnapshot in a region.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? StartSnapshotPerAccount { get; init; }

    /// <summary>Gets the rate of CompleteSnapshot in a region.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public int? CompleteSnapshotPerAccount { get; init; }
}
