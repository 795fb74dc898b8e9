using Coriolis.Aws.Emulator.Ec2;
using Coriolis.Aws.Emulator.State;
using Coriolis.Aws.Emulator.Storage;

namespace Coriolis.Aws.Emulator;

/// <summary>What tests need and AWS has no call for.</summary>
public sealed class EmulatorAdmin
{
    private readonly RegionSet _regions;
    private readonly BlockStore _blocks;

    internal EmulatorAdmin(AwsEmulatorOptions options, RegionSet regions, BlockStore blocks, RegionSettler settler)
    {
        _regions = regions;
        _blocks = blocks;
        _ = (options, settler);
    }

    /// <summary>Returns the sparse raw file that is a volume: whoever writes there writes the volume.</summary>
    /// <param name="region">The volume's region.</param>
    /// <param name="volumeId">The volume.</param>
    /// <returns>The path of the file.</returns>
    public string GetVolumePath(string region, string volumeId)
    {
        _ = _regions.Get(region);
        return _blocks.GetVolumePath(region, volumeId);
    }
}
