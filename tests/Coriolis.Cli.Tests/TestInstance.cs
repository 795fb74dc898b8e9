namespace Coriolis.Cli.Tests;

/// <summary>An instance of an emulated account.</summary>
internal sealed record TestInstance(string Id, string RootId, IReadOnlyList<string> DataIds)
{
    public IReadOnlyList<string> VolumeIds => [RootId, .. DataIds];
}
