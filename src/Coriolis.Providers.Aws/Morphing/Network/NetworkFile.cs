namespace Coriolis.Providers.Aws.Morphing.Network;

/// <summary>A file of a guest's network configuration.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Text">What it says.</param>
/// <param name="Mode">Permission bits, where they are not the usual ones of its style.</param>
internal sealed record NetworkFile(string Path, string Text, UnixFileMode? Mode = null)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
