namespace Coriolis.Cli;

/// <summary>The instance that the demo replicates.</summary>
internal sealed record DemoInstance(string InstanceId, string RootVolumeId, string DataVolumeId)
{
    public IReadOnlyList<string> VolumeIds => [RootVolumeId, DataVolumeId];
}
