using Coriolis.Providers;

namespace Coriolis.Docs.Snippets;

// snippet: destination
internal sealed class MemoryDestination : IDestinationWriter
{
    public Task<IDiskWriter> OpenAsync(DiskDescriptor disk, CancellationToken cancellationToken = default) =>
        Task.FromResult<IDiskWriter>(new MemoryDisk(new byte[disk.SizeBytes]));
}

internal sealed class MemoryDisk(byte[] bytes) : IDiskWriter
{
    public WriterCapabilities Capabilities { get; } = new() { CanReadBack = true };

    public DestinationContent Content { get; } = DestinationContent.Zeroes("just created");

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        data.CopyTo(bytes.AsMemory((int)offset));
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteZeroesAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        bytes.AsSpan((int)offset, (int)length).Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
        return ValueTask.CompletedTask;
    }

    // A destination that outlives the process flushes here, and then records the manifest's ContentRoot durably.
    public Task CommitAsync(IDiskManifest manifest, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
// end snippet
