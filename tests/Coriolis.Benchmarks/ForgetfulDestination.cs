using Coriolis.Providers;

namespace Coriolis.Benchmarks;

/// <summary>Drops what is written and remembers, in a file, only which content was committed last.</summary>
internal sealed class ForgetfulDestination(string folder) : IDestinationWriter
{
    private long _writtenBytes;

    public long WrittenBytes => _writtenBytes;

    public Task<IDiskWriter> OpenAsync(DiskDescriptor disk, CancellationToken cancellationToken = default) =>
        Task.FromResult<IDiskWriter>(new Writer(this, Path.Combine(folder, $"{disk.DiskId}.root")));

    private sealed class Writer(ForgetfulDestination destination, string rootPath) : IDiskWriter
    {
        public WriterCapabilities Capabilities { get; } = new();

        public DestinationContent Content { get; } = File.Exists(rootPath)
            ? DestinationContent.Committed(new ChunkDigest(File.ReadAllBytes(rootPath)))
            : DestinationContent.Zeroes("new");

        public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        {
            Interlocked.Add(ref destination._writtenBytes, data.Length);
            return ValueTask.CompletedTask;
        }

        public ValueTask WriteZeroesAsync(long offset, long length, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("What was written is gone.");

        public async Task CommitAsync(IDiskManifest manifest, CancellationToken cancellationToken = default)
        {
            var root = new byte[ChunkDigest.Size];
            manifest.ContentRoot.CopyTo(root);
            await File.WriteAllBytesAsync(rootPath, root, cancellationToken);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
