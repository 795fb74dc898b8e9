using System.Runtime.CompilerServices;
using Coriolis.Providers.Aws.Ebs;
using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws.Blocks;

/// <summary>Lists a snapshot's blocks page by page, checks what the service says, and survives expired page tokens.</summary>
internal sealed class SnapshotBlockLister(
    EbsClient client, SourceDisk disk, string snapshotId, int pageSize, DateTimeOffset freshUntil, ILogger logger, IProgress<CaptureProgress>? progress)
{
    // AWS may answer pages without a block, where it looked at much and found nothing; so many in a row are not on the way to an end.
    private const int MaxEmptyPages = 1000;

    private readonly int _blockCount = checked((int)(disk.SizeBytes / EbsLimits.BlockSize));

    /// <summary>Why the last list of changes was replaced by the full list; otherwise <see langword="null"/>.</summary>
    public string? FullComparisonReason { get; private set; }

    /// <summary>Lists what changed since a baseline, or everything when there is none or the service cannot compare with it.</summary>
    /// <param name="baseline">The baseline, or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the list.</param>
    /// <returns>Pages that together cover the disk. The caller disposes them.</returns>
    /// <exception cref="CoriolisException">The service refused, or the list contradicts itself or the disk.</exception>
    public IAsyncEnumerable<ListedPage> ListChangesAsync(DiskManifestInfo? baseline, CancellationToken cancellationToken)
    {
        FullComparisonReason = null;
        if (baseline is null)
        {
            return ListAsync(null, 0, cancellationToken);
        }

        var obstacle = !baseline.SourceReference.StartsWith("snap-", StringComparison.Ordinal) ? "the baseline does not name a snapshot"
            : baseline.SizeBytes > disk.SizeBytes ? "the disk was larger"
            : baseline.SizeBytes % EbsLimits.BlockSize != 0 ? "the baseline does not end with a whole block"
            : null;
        if (obstacle is not null)
        {
            FallBack(baseline.SourceReference, obstacle, 0);
        }

        return ListAsync(obstacle is null ? baseline.SourceReference : null, 0, cancellationToken);
    }

    /// <summary>Lists all written blocks from a block on.</summary>
    /// <exception cref="CoriolisException">The service refused, or the list contradicts itself or the disk.</exception>
    public IAsyncEnumerable<ListedPage> ListFromAsync(int firstBlock, CancellationToken cancellationToken) =>
        ListAsync(null, firstBlock, cancellationToken);

    private async IAsyncEnumerable<ListedPage> ListAsync(
        string? baselineSnapshotId, int firstBlock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? pageToken = null;
        var restartedAt = -1;
        var emptyPages = 0;
        for (var next = firstBlock; next < _blockCount;)
        {
            BlockPage page;
            try
            {
                page = await GetPageAsync(baselineSnapshotId, pageToken, next, cancellationToken).ConfigureAwait(false);
            }
            catch (EbsException exception) when (exception.Reason == "INVALID_PAGE_TOKEN" && pageToken is not null && restartedAt != next)
            {
                // Page tokens live for 60 minutes; a slow destination takes longer.
                logger.BlockListRestarted(snapshotId, disk.Id, next);
                pageToken = null;
                restartedAt = next;
                continue;
            }
            catch (EbsException exception) when (baselineSnapshotId is not null && IsNotComparable(exception))
            {
                FallBack(baselineSnapshotId, exception.Reason ?? exception.Code, next);
                (baselineSnapshotId, pageToken) = (null, null);
                continue;
            }
            catch (EbsException exception)
            {
                throw AwsErrors.Create(exception, client.Region, disk.KmsKeyId);
            }

            var listed = Check(page, baselineSnapshotId, pageToken, next);
            pageToken = page.NextToken;
            emptyPages = listed.EndBlock > next ? 0 : emptyPages + 1;
            if (emptyPages > MaxEmptyPages)
            {
                page.Dispose();
                throw Wrong($"does not get past block {next} in {MaxEmptyPages} pages");
            }

            next = listed.EndBlock;
            yield return listed;
        }
    }

    // Of another lineage, or deleted. Should it be our own snapshot that is missing, the full list will say so.
    private static bool IsNotComparable(EbsException exception) =>
        exception.Reason is "UNRELATED_SNAPSHOTS" or "INVALID_SNAPSHOT_ID" || exception.IsNotFound;

    private void FallBack(string baselineSnapshotId, string reason, int block)
    {
        FullComparisonReason = reason;
        logger.BaselineNotComparable(snapshotId, disk.Id, baselineSnapshotId, reason, block);
        progress?.Report(new CaptureProgress($"comparing in full: {reason}", disk.Id));
    }

    private Task<BlockPage> GetPageAsync(string? baselineSnapshotId, string? pageToken, int next, CancellationToken cancellationToken)
    {
        // One early: AWS's documents disagree whether the start itself is listed, and a block that is left out would be taken for zeros.
        var start = Math.Max(0, next - 1);
        return baselineSnapshotId is null
            ? client.ListSnapshotBlocksAsync(
                new ListSnapshotBlocksRequest
                {
                    SnapshotId = snapshotId,
                    NextToken = pageToken,
                    StartingBlockIndex = start,
                    MaxResults = pageSize,
                    FreshUntil = freshUntil,
                },
                cancellationToken)
            : client.ListChangedBlocksAsync(
                new ListChangedBlocksRequest
                {
                    FirstSnapshotId = baselineSnapshotId,
                    SecondSnapshotId = snapshotId,
                    NextToken = pageToken,
                    StartingBlockIndex = start,
                    MaxResults = pageSize,
                    FreshUntil = freshUntil,
                },
                cancellationToken);
    }

    private ListedPage Check(BlockPage page, string? baselineSnapshotId, string? pageToken, int next)
    {
        try
        {
            CheckSizes(page);
            var previous = Math.Max(-1, pageToken is null ? next - 2 : next - 1);
            foreach (var index in page.Indexes)
            {
                if (index <= previous)
                {
                    throw Wrong($"lists block {index} after block {previous}");
                }

                previous = index;
            }

            if (previous >= _blockCount)
            {
                throw Wrong($"lists block {previous}, but the volume has {_blockCount} blocks");
            }

            var end = page.NextToken is null ? _blockCount : Math.Max(next, previous + 1);
            return new ListedPage(page, next, end, baselineSnapshotId is not null);
        }
        catch
        {
            page.Dispose();
            throw;
        }
    }

    private void CheckSizes(BlockPage page)
    {
        if (page.BlockSize != EbsLimits.BlockSize)
        {
            throw Wrong($"states a block size of {page.BlockSize} instead of {EbsLimits.BlockSize} bytes");
        }

        // Documented in GiB; an example in the documentation shows bytes.
        var bytes = page.VolumeSize > EbsLimits.MaxVolumeSizeGiB ? page.VolumeSize : page.VolumeSize * EbsLimits.BytesPerGiB;
        if (bytes != disk.SizeBytes)
        {
            throw Wrong($"states a volume size of {bytes} bytes, but the disk has {disk.SizeBytes}");
        }
    }

    private IntegrityException Wrong(string what) => new($"The block list of snapshot {snapshotId} (disk {disk.Id}) {what}.")
    {
        ResourceId = snapshotId,
        Remedy = "Run the replication again: a new snapshot is taken.",
    };
}
