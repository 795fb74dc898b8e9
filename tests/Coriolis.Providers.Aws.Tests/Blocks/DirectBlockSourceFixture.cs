using Coriolis.Providers.Aws.Blocks;
using Coriolis.Providers.Aws.Tests.Ebs;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws.Tests.Blocks;

/// <summary>A block source of the snapshot <c>snap-2</c> before <see cref="InMemoryEbs"/>.</summary>
internal sealed class DirectBlockSourceFixture : IDisposable
{
    public const int BlockSize = 512 * 1024;

    private readonly EbsFixture _ebs;

    public DirectBlockSourceFixture(int sizeGiB = 1, DirectBlockSourceOptions? options = null)
    {
        // Lists and reads of the properties below are many; they are not about the rate.
        _ebs = new EbsFixture(new() { Rates = new() { List = 1e6, GetSnapshotBlock = 1e6, BlocksPerSnapshot = 1e6 } });
        _ebs.Service.VolumeSize = sizeGiB;
        Disk = new SourceDisk { Id = "vol-1", DeviceName = "/dev/sda1", SizeBytes = (long)sizeGiB << 30, IsBoot = true };
        Source = new DirectBlockSource(
            _ebs.Client, Disk, "snap-2", options ?? new(), _ebs.Time, _ebs.LoggerFactory.CreateLogger<DirectBlockSource>(), Progress);
    }

    public EbsFixture Ebs => _ebs;

    public InMemoryEbs Service => _ebs.Service;

    public SourceDisk Disk { get; }

    public DirectBlockSource Source { get; }

    public RecordedProgress Progress { get; } = new();

    public async Task<List<ChunkRange>> GetChanges(IDiskManifest? baseline = null)
    {
        var ranges = new List<ChunkRange>();
        await foreach (var range in Source.GetChangesAsync(baseline))
        {
            ranges.Add(range);
        }

        return ranges;
    }

    public async Task<(byte First, byte Last, ChunkDigest Digest)> Read(long block)
    {
        var buffer = new byte[BlockSize];
        buffer.AsSpan().Fill(0xEE);
        var digest = await Source.ReadAsync(block * BlockSize, buffer);
        return (buffer[0], buffer[^1], digest);
    }

    public void Dispose()
    {
        Source.Dispose();
        _ebs.Dispose();
    }
}
