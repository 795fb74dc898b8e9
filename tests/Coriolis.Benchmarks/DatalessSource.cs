using System.Security.Cryptography;
using Coriolis.Providers;

namespace Coriolis.Benchmarks;

/// <summary>
/// Lists the blocks of real snapshots, but invents their digests instead of reading them: so that a disk of many tebibytes can be
/// run in minutes.
/// </summary>
internal sealed class DatalessSource(IReplicaSourceProvider source) : IReplicaSourceProvider
{
    public Task ValidateConnectionAsync(CancellationToken cancellationToken = default) => source.ValidateConnectionAsync(cancellationToken);

    public IAsyncEnumerable<InstanceSummary> ListInstancesAsync(InstanceFilter filter, CancellationToken cancellationToken = default) =>
        source.ListInstancesAsync(filter, cancellationToken);

    public Task<SourceInstance> GetInstanceAsync(string idOrName, CancellationToken cancellationToken = default) =>
        source.GetInstanceAsync(idOrName, cancellationToken);

    public async Task<ISourceCapture> CaptureAsync(
        SourceInstance instance, CaptureRequest request, CancellationToken cancellationToken = default) =>
        new Capture(await source.CaptureAsync(instance, request, cancellationToken));

    public Task<SweepReport> SweepAsync(SweepRequest request, CancellationToken cancellationToken = default) =>
        source.SweepAsync(request, cancellationToken);

    private sealed class Capture(ISourceCapture capture) : ISourceCapture
    {
        public DateTimeOffset PointInTime => capture.PointInTime;

        public IReadOnlyList<IBlockSource> Disks { get; } = [.. capture.Disks.Select(disk => new Blocks(disk))];

        public Task RetainAsync(string diskId, CancellationToken cancellationToken = default) => capture.RetainAsync(diskId, cancellationToken);

        public Task<IReadOnlyList<LeftoverResource>> ReleaseAsync(CaptureOutcome outcome) => capture.ReleaseAsync(outcome);

        public ValueTask DisposeAsync() => capture.DisposeAsync();
    }

    private sealed class Blocks(IBlockSource source) : IBlockSource
    {
        public SourceDisk Disk => source.Disk;

        public string SourceReference => source.SourceReference;

        public ReadPath ReadPath => source.ReadPath;

        public IAsyncEnumerable<ChunkRange> GetChangesAsync(IDiskManifest? baseline, CancellationToken cancellationToken = default) =>
            source.GetChangesAsync(baseline, cancellationToken);

        public ValueTask<ChunkDigest> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
        {
            Span<byte> name = stackalloc byte[16];
            BitConverter.TryWriteBytes(name, offset);
            BitConverter.TryWriteBytes(name[8..], SourceReference.GetHashCode(StringComparison.Ordinal));
            Span<byte> digest = stackalloc byte[ChunkDigest.Size];
            SHA256.HashData(name, digest);
            return ValueTask.FromResult(new ChunkDigest(digest));
        }
    }
}
