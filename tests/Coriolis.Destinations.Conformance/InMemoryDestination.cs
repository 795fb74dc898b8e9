using System.Collections.Concurrent;
using Coriolis.Providers;

namespace Coriolis.Destinations.Conformance;

/// <summary>A destination in memory, for tests of what uses a destination. Thread safe.</summary>
public sealed class InMemoryDestination : IDestinationWriter
{
    private readonly ConcurrentDictionary<string, InMemoryDisk> _disks = new();

    /// <summary>What every disk says that it can do.</summary>
    public WriterCapabilities Capabilities { get; init; } = new() { CanReadBack = true, CanFlush = true };

    /// <summary>Called before each operation with its name (open, write, zero, read, flush, flushed, commit, committed) and disk; may throw or wait.</summary>
    public Func<string, string, CancellationToken, ValueTask>? OnCall { get; set; }

    /// <summary>The disks by id, with what they hold.</summary>
    public IReadOnlyDictionary<string, InMemoryDisk> Disks => _disks;

    /// <inheritdoc/>
    public async Task<IDiskWriter> OpenAsync(DiskDescriptor disk, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await CallAsync("open", disk.DiskId, cancellationToken);
        var stored = _disks.GetOrAdd(disk.DiskId, _ => new InMemoryDisk(disk.ReplicaId));
        return new InMemoryDiskWriter(this, stored, disk);
    }

    /// <summary>What the destination would hold if its user's process ended now.</summary>
    /// <param name="loseUnflushed">Whether the power fails, so that what was not flushed or committed is lost.</param>
    /// <returns>A destination of its own.</returns>
    public InMemoryDestination AfterCrash(bool loseUnflushed)
    {
        var copy = new InMemoryDestination { Capabilities = Capabilities };
        foreach (var (id, disk) in _disks)
        {
            copy._disks[id] = disk.AfterCrash(loseUnflushed);
        }

        return copy;
    }

    /// <summary>Loses a disk.</summary>
    public void Remove(string diskId) => _disks.TryRemove(diskId, out _);

    internal ValueTask CallAsync(string operation, string diskId, CancellationToken cancellationToken) =>
        OnCall?.Invoke(operation, diskId, cancellationToken) ?? ValueTask.CompletedTask;
}
