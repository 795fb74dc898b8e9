using System.Collections.Frozen;

namespace Coriolis.Providers.Aws;

/// <summary>List prices of us-east-1 as of January 2026, in US dollars: to tell what is worth a look, not to check a bill.</summary>
internal static class ListPrices
{
    private const decimal SnapshotPerGiBAndMonth = 0.05m;
    private const decimal VolumePerGiBAndMonth = 0.08m;
    private const decimal HoursPerMonth = 730m;

    private static readonly FrozenDictionary<string, decimal> s_instances = new Dictionary<string, decimal>
    {
        ["t2.medium"] = 0.0464m,
        ["t3.medium"] = 0.0416m,
        ["t4g.medium"] = 0.0336m,
        ["c7g.large"] = 0.0725m,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A snapshot is billed by the blocks that no other snapshot of its volume has: its size is the most that it can cost.</summary>
    public static decimal? SnapshotHour(int? sizeGiB) => Round(sizeGiB * SnapshotPerGiBAndMonth / HoursPerMonth);

    /// <summary>A gp3 volume without extra performance.</summary>
    public static decimal? VolumeHour(int? sizeGiB) => Round(sizeGiB * VolumePerGiBAndMonth / HoursPerMonth);

    /// <summary>An instance of a type that workers usually have.</summary>
    public static decimal? InstanceHour(string? type) => type is not null && s_instances.TryGetValue(type, out var price) ? price : null;

    private static decimal? Round(decimal? price) => price is { } known ? decimal.Round(known, 6) : null;
}
