namespace Coriolis.Aws.Emulator.Workers;

/// <summary>A machine with what its instance's record says: users, keys, disks.</summary>
internal sealed class HostedMachine(Machine machine) : IAsyncDisposable
{
    private readonly Dictionary<string, (DeviceNames Names, LoopDevice Loop)> _volumes = new(StringComparer.Ordinal);

    public Machine Machine => machine;

    /// <summary>Which boot of the instance this is.</summary>
    public int Boots { get; set; }

    public IReadOnlyCollection<string> VolumeIds => _volumes.Keys;

    public async Task AttachAsync(string volumeId, string path, DeviceNames names)
    {
        var loop = await LoopDevice.CreateAsync(path).ConfigureAwait(false);
        _volumes[volumeId] = (names, loop);
        var links = names.Link is { } link ? $" && mkdir -p /dev/disk/by-id && ln -sf {names.Path} /dev/disk/by-id/{link}" : "";
        await machine.RunAsync($"mknod -m 660 {names.Path} b {loop.Major} {loop.Minor} && chgrp disk {names.Path}{links}").ConfigureAwait(false);
    }

    public async Task DetachAsync(string volumeId)
    {
        _volumes.Remove(volumeId, out var volume);
        volume.Loop.Dispose();
        var links = volume.Names.Link is { } link ? $" /dev/disk/by-id/{link}" : "";
        await machine.RunAsync($"rm -f {volume.Names.Path}{links}").ConfigureAwait(false);
    }

    /// <summary>Ends all processes and takes out the disks; what was written to the root disk stays.</summary>
    public async Task ShutDownAsync()
    {
        await machine.RunAsync("kill -9 -1; rm -rf /tmp/* /run/sshd.pid").ConfigureAwait(false);
        foreach (var id in _volumes.Keys.ToList())
        {
            await DetachAsync(id).ConfigureAwait(false);
        }
    }

    /// <summary>The lowest NVMe controller that has no disk; the root disk has the first.</summary>
    public int NextController() =>
        Enumerable.Range(1, int.MaxValue - 1).First(number => _volumes.Values.All(volume => volume.Names.Path != DeviceNames.NvmePath(number)));

    public async ValueTask DisposeAsync()
    {
        await machine.DisposeAsync().ConfigureAwait(false);
        foreach (var (_, loop) in _volumes.Values)
        {
            loop.Dispose();
        }

        _volumes.Clear();
    }
}
