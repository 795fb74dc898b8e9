using System.Collections.Concurrent;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Tags;

/// <summary>All kinds of resources that have tags.</summary>
internal static class TagTables
{
    public static IReadOnlyList<TagTable> All(RegionState state) =>
    [
        Table(ResourceKind.Instance, state.Instances, static (record, tags) => record with { Tags = tags }),
        Table(ResourceKind.Volume, state.Volumes, static (record, tags) => record with { Tags = tags }),
        Table(ResourceKind.Snapshot, state.Snapshots, static (record, tags) => record with { Tags = tags }),
        Table(ResourceKind.Image, state.Images, static (record, tags) => record with { Tags = tags }),
        Table(ResourceKind.KeyPair, state.KeyPairs, static (record, tags) => record with { Tags = tags }),
        Table(ResourceKind.SecurityGroup, state.SecurityGroups, static (record, tags) => record with { Tags = tags }),
        Table(ResourceKind.NetworkInterface, state.NetworkInterfaces, static (record, tags) => record with { Tags = tags }),
        Table(ResourceKind.Subnet, state.Subnets, static (record, tags) => record with { Tags = tags }),
        Table(ResourceKind.Vpc, state.Vpcs, static (record, tags) => record with { Tags = tags }),
    ];

    private static TagTable Table<T>(
        ResourceKind kind, ConcurrentDictionary<string, T> records, Func<T, IReadOnlyDictionary<string, string>, T> with)
        where T : class, IResource =>
        new(kind, () => records.Values, id => records.GetValueOrDefault(id), (id, tags) => records[id] = with(records[id], tags));
}
