using System.Collections.Concurrent;

namespace Coriolis.Aws.Emulator.State;

/// <summary>All resources of one region.</summary>
/// <remarks>
/// Written only under the region's lock. The tables are concurrent and their records immutable, so a reader that needs a single
/// record (the block API, once per block) looks it up without the lock.
/// </remarks>
internal sealed class RegionState
{
    /// <summary>The last number given out, for ids, addresses and the order of creation.</summary>
    public long LastSequence { get; set; }

    public bool EncryptionByDefault { get; set; }

    public string? DefaultKmsKey { get; set; }

    public ConcurrentDictionary<string, InstanceRecord> Instances { get; init; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, VolumeRecord> Volumes { get; init; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, SnapshotRecord> Snapshots { get; init; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, ImageRecord> Images { get; init; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, KeyPairRecord> KeyPairs { get; init; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, SecurityGroupRecord> SecurityGroups { get; init; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, NetworkInterfaceRecord> NetworkInterfaces { get; init; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, SubnetRecord> Subnets { get; init; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, VpcRecord> Vpcs { get; init; } = new(StringComparer.Ordinal);

    /// <summary>By operation and client token.</summary>
    public ConcurrentDictionary<string, IdempotencyRecord> ClientTokens { get; init; } = new(StringComparer.Ordinal);
}
