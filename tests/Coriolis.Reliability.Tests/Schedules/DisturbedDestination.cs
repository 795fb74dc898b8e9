namespace Coriolis.Reliability.Tests.Schedules;

/// <summary>Passes everything on to the real destination, but for one write that fails as on a full disk after half of its bytes.</summary>
internal sealed class DisturbedDestination(IDestinationWriter inner) : IDestinationWriter
{
    private int _failsAtWrite = -1;

    /// <summary>Lets the write of this number fail, counted from now; <see langword="null"/> for none.</summary>
    public void FailAt(int? write) => Volatile.Write(ref _failsAtWrite, write ?? -1);

    public async Task<IDiskWriter> OpenAsync(DiskDescriptor disk, CancellationToken cancellationToken = default) =>
        new DisturbedDisk(this, await inner.OpenAsync(disk, cancellationToken));

    private bool IsNextToFail() => Volatile.Read(ref _failsAtWrite) >= 0 && Interlocked.Decrement(ref _failsAtWrite) == -1;

    private sealed class DisturbedDisk(DisturbedDestination owner, IDiskWriter disk) : IDiskWriter
    {
        public WriterCapabilities Capabilities => disk.Capabilities;

        public DestinationContent Content => disk.Content;

        public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        {
            if (owner.IsNextToFail())
            {
                await disk.WriteAsync(offset, data[..(data.Length / 2)], cancellationToken);
                throw new IOException("No space left on device (simulated).");
            }

            await disk.WriteAsync(offset, data, cancellationToken);
        }

        public async ValueTask WriteZeroesAsync(long offset, long length, CancellationToken cancellationToken = default)
        {
            if (owner.IsNextToFail())
            {
                throw new IOException("No space left on device (simulated).");
            }

            await disk.WriteZeroesAsync(offset, length, cancellationToken);
        }

        public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default) =>
            disk.ReadAsync(offset, destination, cancellationToken);

        public Task CommitAsync(IDiskManifest manifest, CancellationToken cancellationToken = default) =>
            disk.CommitAsync(manifest, cancellationToken);

        public ValueTask DisposeAsync() => disk.DisposeAsync();
    }
}
