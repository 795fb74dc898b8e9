using System.Buffers;
using System.Runtime.CompilerServices;
using Coriolis.Worker.Protocol;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>
/// Reads a disk from a volume that a worker has attached. The worker finds out what changed by hashing. A worker that is lost is replaced, and
/// reading goes on where it stood.
/// </summary>
internal sealed class WorkerBlockSource(ReplaceableWorker worker, SourceDisk disk, string snapshotId, int chunkSize) : IBlockSource
{
    // The protocol's bound for a chunk that comes with its bytes.
    private const int MaxRead = 1024 * 1024;

    public SourceDisk Disk => disk;

    public string SourceReference => snapshotId;

    public ReadPath ReadPath => ReadPath.Worker;

    public async IAsyncEnumerable<ChunkRange> GetChangesAsync(
        IDiskManifest? baseline, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Without digests to compare with, hashing first would only read everything twice.
        if (baseline is null || baseline.Info.ChunkSize != chunkSize)
        {
            yield return new ChunkRange(0, disk.SizeBytes);
            yield break;
        }

        var known = new BaselineDigests(baseline);
        await foreach (var run in ScanAsync(cancellationToken).ConfigureAwait(false))
        {
            var first = run.Range.Offset / chunkSize;
            var count = (int)((run.Range.Length + chunkSize - 1) / chunkSize);
            for (var i = 0; i < count; i++)
            {
                var digest = run.Kind == WorkerChunksKind.Zeros
                    ? ChunkDigest.Zero
                    : new ChunkDigest(run.Digests.Span.Slice(i * ChunkDigest.Size, ChunkDigest.Size));
                if (await known.IsAsync(first + i, digest, cancellationToken).ConfigureAwait(false))
                {
                    continue;
                }

                var offset = (first + i) * chunkSize;
                yield return new ChunkRange(
                    offset, Math.Min(chunkSize, disk.SizeBytes - offset), digest.IsZero ? ChunkKind.Zero : ChunkKind.Data);
            }
        }
    }

    public async ValueTask<ChunkDigest> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var open = worker.Current;
            var watch = open.Session.Watch(disk.Id);
            watch.Begin();
            try
            {
                return await ReadAsync(open, offset, destination, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (IsLoss(open, error))
            {
                await worker.RecoverAsync(open, WorkerErrors.Translate(error, disk.Id), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (WorkerErrors.IsOfAgent(error))
            {
                throw WorkerErrors.Translate(error, disk.Id);
            }
            finally
            {
                watch.End();
            }
        }
    }

    private async ValueTask<ChunkDigest> ReadAsync(OpenWorker open, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var device = open.Devices[disk.Id];
        var digests = ArrayPool<byte>.Shared.Rent(ChunkDigest.Size);
        try
        {
            var digest = digests.AsMemory(0, ChunkDigest.Size);
            if (destination.Length <= MaxRead)
            {
                await open.Client.ReadAsync(device, offset, destination, digest, cancellationToken).ConfigureAwait(false);
                return new ChunkDigest(digest.Span);
            }

            for (var done = 0; done < destination.Length; done += MaxRead)
            {
                var part = destination.Slice(done, Math.Min(MaxRead, destination.Length - done));
                await open.Client.ReadAsync(device, offset + done, part, digest, cancellationToken).ConfigureAwait(false);
            }

            return ChunkDigest.Compute(destination.Span);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(digests);
        }
    }

    /// <summary>Hashes the whole disk on the worker; after the loss of one, only what has not been hashed yet.</summary>
    private async IAsyncEnumerable<WorkerChunks> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = 0L;
        while (position < disk.SizeBytes)
        {
            var open = worker.Current;
            var scan = new WorkerScan
            {
                Device = open.Devices[disk.Id],
                Ranges = [new WorkerRange(position, disk.SizeBytes - position)],
                ChunkSize = chunkSize,
                Hash = WorkerHash.Sha256,
            };
            var runs = open.Client.ScanAsync(scan, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using var _ = runs.ConfigureAwait(false);
            while (await TryMoveAsync(open, runs, cancellationToken).ConfigureAwait(false))
            {
                var run = runs.Current;
                if (run.Kind == WorkerChunksKind.Unreadable)
                {
                    throw WorkerErrors.Translate(new WorkerReadException(open.Devices[disk.Id].Name, run.Range, run.ErrorNumber), disk.Id);
                }

                yield return run;
                position = run.Range.Offset + run.Range.Length;
            }
        }
    }

    /// <returns>False at the end, and when another worker is to be asked for the rest.</returns>
    private async ValueTask<bool> TryMoveAsync(OpenWorker open, IAsyncEnumerator<WorkerChunks> runs, CancellationToken cancellationToken)
    {
        var watch = open.Session.Watch(disk.Id);
        watch.Begin();
        try
        {
            return await runs.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (IsLoss(open, error))
        {
            await worker.RecoverAsync(open, WorkerErrors.Translate(error, disk.Id), cancellationToken).ConfigureAwait(false);
            return false;
        }
        catch (Exception error) when (WorkerErrors.IsOfAgent(error))
        {
            throw WorkerErrors.Translate(error, disk.Id);
        }
        finally
        {
            watch.End();
        }
    }

    // What fails while somebody else replaces the worker fails because of that.
    private bool IsLoss(OpenWorker open, Exception error) =>
        WorkerErrors.IsLoss(error) || (!ReferenceEquals(open, worker.Current) && error is not OperationCanceledException);
}
