using System.Diagnostics.CodeAnalysis;

namespace Coriolis.Aws.Emulator.State;

/// <summary>The regions of the emulator, isolated from each other.</summary>
internal sealed class RegionSet : IDisposable
{
    private readonly Dictionary<string, Region> _regions;

    public RegionSet(IEnumerable<Region> regions) => _regions = regions.ToDictionary(static region => region.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<Region> All => _regions.Values;

    public IReadOnlySet<string> Names => _regions.Keys.ToHashSet(StringComparer.Ordinal);

    public Region Get(string name) => _regions[name];

    public bool TryGet(string name, [NotNullWhen(true)] out Region? region) => _regions.TryGetValue(name, out region);

    public void Dispose()
    {
        foreach (var region in _regions.Values)
        {
            region.Dispose();
        }
    }
}
