using System.Runtime.CompilerServices;
using Coriolis.Providers.Aws.Ebs;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws.Blocks;

/// <summary>Reads a disk straight from its snapshot over the EBS direct APIs.</summary>
internal sealed class DirectBlockSource : IBlockSource, IDisposable
{
    private readonly EbsClient _client;
    private readonly DirectBlockSourceOptions _options;
    private readonly ILogger _logger;
    private readonly SnapshotBlockLister _lister;
    private readonly BlockTokenCache _tokens;
    private readonly SemaphoreSlim _relisting = new(1, 1);
    private readonly DateTimeOffset _freshUntil;
    private readonly IDisposable? _turns;

    /// <summary>Creates a source. Does not call AWS.</summary>
    /// <param name="client">The client of the region that the snapshot is in; not disposed with the source.</param>
    /// <param name="disk">The disk, with the size that it had when the snapshot was taken.</param>
    /// <param name="snapshotId">The completed snapshot.</param>
    /// <param name="options">Chunk size and bounds.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Receives what was retried or worked around.</param>
    /// <param name="progress">Told when the disk must be compared in full.</param>
    /// <param name="turns">What the execution takes turns by while this source is read; disposed with it.</param>
    /// <exception cref="ArgumentException">The size of the disk or of a chunk is not a multiple of the block size.</exception>
    public DirectBlockSource(
        EbsClient client,
        SourceDisk disk,
        string snapshotId,
        DirectBlockSourceOptions options,
        TimeProvider timeProvider,
        ILogger<DirectBlockSource> logger,
        IProgress<CaptureProgress>? progress,
        IDisposable? turns = null)
    {
        if (options.ChunkSize < EbsLimits.BlockSize || options.ChunkSize % EbsLimits.BlockSize != 0)
        {
            throw new ArgumentException($"The chunk size {options.ChunkSize} is not a multiple of {EbsLimits.BlockSize}.", nameof(options));
        }

        if (disk.SizeBytes <= 0 || disk.SizeBytes % EbsLimits.BlockSize != 0)
        {
            throw new ArgumentException($"The size of disk {disk.Id}, {disk.SizeBytes}, is not a multiple of {EbsLimits.BlockSize}.", nameof(disk));
        }

        _client = client;
        Disk = disk;
        SourceReference = snapshotId;
        _options = options;
        _turns = turns;
        _logger = logger;
        _freshUntil = timeProvider.GetUtcNow() + client.Options.NotFoundGrace;
        _lister = new SnapshotBlockLister(client, disk, snapshotId, options.PageSize, _freshUntil, logger, progress);
        _tokens = new BlockTokenCache(options.CachedPages, timeProvider);
    }

    /// <inheritdoc/>
    public SourceDisk Disk { get; }

    /// <inheritdoc/>
    public string SourceReference { get; }

    /// <inheritdoc/>
    public ReadPath ReadPath => ReadPath.Direct;

    /// <summary>Why the last enumeration compared the disk in full although there was a baseline; otherwise <see langword="null"/>.</summary>
    public string? FullComparisonReason => _lister.FullComparisonReason;

    /// <summary>Memory held by block tokens.</summary>
    internal long TokenBytes => _tokens.SizeBytes;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChunkRange> GetChangesAsync(
        IDiskManifest? baseline, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var builder = new ChunkRangeBuilder(Disk.SizeBytes, _options.ChunkSize);
        await foreach (var page in _lister.ListChangesAsync(baseline?.Info, cancellationToken).ConfigureAwait(false))
        {
            Keep(page);

            // What the volume grew by is not part of the baseline: it must be mentioned even where nothing was written.
            var baselineBlocks = page.ListsChanges ? baseline!.Info.SizeBytes / EbsLimits.BlockSize : 0;
            for (var i = 0; i < page.Page.Count; i++)
            {
                var block = page.Page.Indexes[i];
                AddGap(builder, page.FirstBlock, block, baselineBlocks);
                builder.Add(block + 1L, page.Page.HasToken(i) ? BlockKind.Data : BlockKind.Zero);
                while (builder.TryTake(out var range))
                {
                    yield return range;
                }
            }

            // Without waiting for the next page: the ranges of this one are read while its tokens are at hand.
            AddGap(builder, page.FirstBlock, page.EndBlock, baselineBlocks);
            builder.Flush();
            while (builder.TryTake(out var range))
            {
                yield return range;
            }
        }

        builder.Complete();
        while (builder.TryTake(out var range))
        {
            yield return range;
        }
    }

    /// <inheritdoc/>
    public ValueTask<ChunkDigest> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset % EbsLimits.BlockSize, 0, nameof(offset));
        var expected = Math.Min(_options.ChunkSize, Disk.SizeBytes - offset);
        if (offset < 0 || destination.Length != expected)
        {
            throw new ArgumentException(
                $"A read at {offset} of disk {Disk.Id} ({Disk.SizeBytes} bytes) takes {Math.Max(0, expected)} bytes, not {destination.Length}.",
                nameof(destination));
        }

        var block = checked((int)(offset / EbsLimits.BlockSize));
        return destination.Length == EbsLimits.BlockSize
            ? ReadBlockAsync(block, destination, cancellationToken)
            : ReadBlocksAsync(block, destination, cancellationToken);
    }

    /// <summary>Gives the memory of the tokens back, and the execution's turns.</summary>
    public void Dispose()
    {
        _turns?.Dispose();
        _tokens.Clear();
        _relisting.Dispose();
    }

    private static void AddGap(ChunkRangeBuilder builder, int firstBlock, int endBlock, long baselineBlocks)
    {
        if (endBlock <= firstBlock)
        {
            return;
        }

        builder.Add(Math.Min(endBlock, baselineBlocks), BlockKind.Unchanged);
        builder.Add(endBlock, BlockKind.Zero);
    }

    private async ValueTask<ChunkDigest> ReadBlocksAsync(int firstBlock, Memory<byte> destination, CancellationToken cancellationToken)
    {
        // Not a list of tasks: the first failure stops the other blocks and is the one that is thrown.
        var options = new ParallelOptions { MaxDegreeOfParallelism = _options.BlocksInParallel, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0,
            destination.Length / EbsLimits.BlockSize,
            options,
            async (i, token) =>
            {
                var slice = destination.Slice(i * EbsLimits.BlockSize, EbsLimits.BlockSize);
                await ReadBlockAsync(firstBlock + i, slice, token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        return ChunkDigest.Compute(destination.Span);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ChunkDigest> ReadBlockAsync(int block, Memory<byte> destination, CancellationToken cancellationToken)
    {
        for (var refused = false; ;)
        {
            var (kind, token) = await FindAsync(block, cancellationToken).ConfigureAwait(false);
            if (kind == BlockKind.Zero)
            {
                destination.Span.Clear();
                return ChunkDigest.Zero;
            }

            try
            {
                return await _client.GetSnapshotBlockAsync(SourceReference, block, token!, destination, _freshUntil, cancellationToken).ConfigureAwait(false);
            }
            catch (EbsException exception) when (exception.Reason == "INVALID_BLOCK_TOKEN" && !refused)
            {
                _logger.BlockTokenExpired(SourceReference, block);
                _tokens.Drop(block, token!);
                refused = true;
            }
            catch (EbsException exception)
            {
                throw AwsErrors.Create(exception, _client.Region, Disk.KmsKeyId);
            }
        }
    }

    private async ValueTask<(BlockKind Kind, string? Token)> FindAsync(int block, CancellationToken cancellationToken)
    {
        if (_tokens.Find(block, out var token) is { } kind)
        {
            return (kind, token);
        }

        // One list at a time: the page that the first reader fetches serves those that wait for it.
        await _relisting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_tokens.Find(block, out token) is { } meanwhile)
            {
                return (meanwhile, token);
            }

            await foreach (var page in _lister.ListFromAsync(block, cancellationToken).ConfigureAwait(false))
            {
                Keep(page);
                if (page.Covers(block))
                {
                    break;
                }
            }

            return _tokens.Find(block, out token) is { } listed
                ? (listed, token)
                : throw new IntegrityException($"The tokens that were listed for block {block} of snapshot {SourceReference} have expired already.")
                {
                    ResourceId = SourceReference,
                    Remedy = "Set this machine's clock.",
                };
        }
        finally
        {
            _relisting.Release();
        }
    }

    private void Keep(ListedPage page)
    {
        if (page.Page.Count > 0 || page.EndBlock > page.FirstBlock)
        {
            _tokens.Add(page);
        }
        else
        {
            page.Page.Dispose();
        }
    }
}
