using Coriolis.Providers;

namespace Coriolis.Destinations.Conformance;

/// <summary>Writes a disk in memory.</summary>
internal sealed class InMemoryDiskWriter : IDiskWriter
{
    private readonly InMemoryDestination _destination;
    private readonly InMemoryDisk _disk;
    private readonly string _diskId;
    private readonly long _sizeBytes;

    public InMemoryDiskWriter(InMemoryDestination destination, InMemoryDisk disk, DiskDescriptor descriptor)
    {
        lock (disk)
        {
            if (disk.IsOpen || disk.ReplicaId != descriptor.ReplicaId)
            {
                throw new DestinationException(disk.IsOpen ? "The disk is in use." : "The disk belongs to another replica.");
            }

            disk.IsOpen = true;
            if (disk.Bytes.Length < descriptor.SizeBytes)
            {
                var bytes = disk.Bytes;
                Array.Resize(ref bytes, (int)descriptor.SizeBytes);
                disk.Bytes = bytes;
            }
        }

        _destination = destination;
        _disk = disk;
        _diskId = descriptor.DiskId;
        _sizeBytes = descriptor.SizeBytes;
        Content = disk.Content;
    }

    public WriterCapabilities Capabilities => _destination.Capabilities;

    public DestinationContent Content { get; }

    public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        await _destination.CallAsync("write", _diskId, cancellationToken);
        MarkDirty(data.Length);
        data.CopyTo(_disk.Bytes.AsMemory((int)offset));
    }

    public async ValueTask WriteZeroesAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        await _destination.CallAsync("zero", _diskId, cancellationToken);
        MarkDirty(0);
        _disk.Bytes.AsSpan((int)offset, (int)length).Clear();
    }

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (!Capabilities.CanReadBack)
        {
            throw new NotSupportedException();
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + destination.Length, _sizeBytes);
        await _destination.CallAsync("read", _diskId, cancellationToken);
        _disk.Bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
    }

    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        await _destination.CallAsync("flush", _diskId, cancellationToken);
        _disk.Flush();
        await _destination.CallAsync("flushed", _diskId, cancellationToken);
    }

    public async Task CommitAsync(IDiskManifest manifest, CancellationToken cancellationToken = default)
    {
        await _destination.CallAsync("commit", _diskId, cancellationToken);
        _disk.Flush();
        _disk.Content = DestinationContent.Committed(manifest.ContentRoot);
        await _destination.CallAsync("committed", _diskId, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        lock (_disk)
        {
            _disk.IsOpen = false;
        }

        return ValueTask.CompletedTask;
    }

    private void MarkDirty(long writtenBytes)
    {
        lock (_disk)
        {
            _disk.Content = DestinationContent.Unknown("an execution was interrupted");
            _disk.WrittenBytes += writtenBytes;
        }
    }
}
