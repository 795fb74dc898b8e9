using System.Collections.Concurrent;
using Coriolis.Aws.Emulator.Metadata;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>A machine with what its instance's record says: users, keys, disks, metadata.</summary>
internal sealed class HostedMachine(Machine machine, MetadataServer metadata) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, HostedVolume> _volumes = new(StringComparer.Ordinal);
    private SlowDisks? _slowDisks;

    public Machine Machine => machine;

    /// <summary>Which boot of the instance this is.</summary>
    public int Boots { get; set; }

    /// <summary>Whether it has been ended for good.</summary>
    public bool IsDisposed { get; private set; }

    public IReadOnlyCollection<string> VolumeIds => [.. _volumes.Keys];

    /// <summary>How much has been read of the volumes that are attached, since they are.</summary>
    public long BytesRead => _volumes.Values.Sum(static volume => volume.Loop.ReadBytesSoFar() - volume.ReadBefore);

    /// <summary>Makes its disks slow, those that are attached later too.</summary>
    public void SlowDown(long bytesPerSecond)
    {
        _slowDisks ??= SlowDisks.Create(machine.ProcessId, bytesPerSecond);
        foreach (var volume in _volumes.Values)
        {
            _slowDisks.Add(volume.Loop);
        }
    }

    /// <summary>Starts a machine that has the network card and the metadata of an instance, and nothing running in it yet.</summary>
    public static async Task<HostedMachine> StartAsync(string macAddress, MetadataService metadata, TimeProvider timeProvider)
    {
        var machine = await Machine.StartAsync(timeProvider, macAddress).ConfigureAwait(false);
        try
        {
            return new HostedMachine(machine, await MetadataServer.StartAsync(machine.ProcessId, metadata).ConfigureAwait(false));
        }
        catch
        {
            await machine.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task AttachAsync(string volumeId, string path, DeviceNames names)
    {
        var loop = await LoopDevice.CreateAsync(path).ConfigureAwait(false);
        _slowDisks?.Add(loop);
        _volumes[volumeId] = new HostedVolume(path, names, loop, loop.ReadBytesSoFar());
        var links = names.Link is { } link ? $" && mkdir -p /dev/disk/by-id && ln -sf {names.Path} /dev/disk/by-id/{link}" : "";
        await machine.RunAsync($"mknod -m 660 {names.Path} b {loop.Major} {loop.Minor} && chgrp disk {names.Path}{links}").ConfigureAwait(false);
    }

    public async Task DetachAsync(string volumeId)
    {
        if (!_volumes.TryRemove(volumeId, out var volume)) return;
        volume.Loop.Dispose();
        var links = volume.Names.Link is { } link ? $" /dev/disk/by-id/{link}" : "";
        await machine.RunAsync($"rm -f {volume.Names.Path}{links}").ConfigureAwait(false);
    }

    /// <summary>Takes away the end of a disk: what is beyond cannot be read any more.</summary>
    /// <param name="volumeId">The disk.</param>
    /// <param name="length">What is left of it.</param>
    /// <param name="tell">Whether the machine's kernel learns of the new size; otherwise it meets read errors.</param>
    public async Task CutAsync(string volumeId, long length, bool tell)
    {
        if (!_volumes.TryGetValue(volumeId, out var volume)) return;
        using (var file = File.OpenHandle(volume.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            RandomAccess.SetLength(file, length);
        }

        if (tell) await volume.Loop.UpdateSizeAsync().ConfigureAwait(false);
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
        IsDisposed = true;
        // A process that waits for its disk cannot be ended.
        _slowDisks?.Release();
        await machine.DisposeAsync().ConfigureAwait(false);
        await metadata.DisposeAsync().ConfigureAwait(false);
        foreach (var volume in _volumes.Values)
        {
            volume.Loop.Dispose();
        }

        _volumes.Clear();
        _slowDisks?.Dispose();
    }

    private sealed record HostedVolume(string Path, DeviceNames Names, LoopDevice Loop, long ReadBefore);
}
