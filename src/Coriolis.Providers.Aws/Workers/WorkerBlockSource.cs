using System.Buffers;
using System.Runtime.CompilerServices;
using Coriolis.Worker.Protocol;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Reads a disk from a volume that a worker has attached. The worker finds out what changed by hashing.</summary>
internal sealed class WorkerBlockSource(WorkerClient client, WorkerDevice device, SourceDisk disk, string snapshotId, int chunkSize) : IBlockSource
{
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

        var scan = new WorkerScan
        {
            Device = device,
            Ranges = [new WorkerRange(0, disk.SizeBytes)],
            ChunkSize = chunkSize,
            Hash = WorkerHash.Sha256,
        };
        var known = new BaselineDigests(baseline);
        var runs = client.ScanAsync(scan, cancellationToken);
        await foreach (var run in TranslateAsync(runs, cancellationToken).ConfigureAwait(false))
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
        var digests = ArrayPool<byte>.Shared.Rent(ChunkDigest.Size);
        try
        {
            var digest = digests.AsMemory(0, ChunkDigest.Size);
            if (destination.Length <= MaxRead)
            {
                await client.ReadAsync(device, offset, destination, digest, cancellationToken).ConfigureAwait(false);
                return new ChunkDigest(digest.Span);
            }

            for (var done = 0; done < destination.Length; done += MaxRead)
            {
                var part = destination.Slice(done, Math.Min(MaxRead, destination.Length - done));
                await client.ReadAsync(device, offset + done, part, digest, cancellationToken).ConfigureAwait(false);
            }

            return ChunkDigest.Compute(destination.Span);
        }
        catch (Exception error) when (WorkerErrors.IsOfAgent(error))
        {
            throw WorkerErrors.Translate(error, disk.Id);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(digests);
        }
    }

    // The protocol's bound for a chunk that comes with its bytes.
    private const int MaxRead = 1024 * 1024;

    private async IAsyncEnumerable<WorkerChunks> TranslateAsync(
        IAsyncEnumerable<WorkerChunks> runs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var enumerator = runs.GetAsyncEnumerator(cancellationToken);
        await using var _ = enumerator.ConfigureAwait(false);
        while (true)
        {
            try
            {
                if (!await enumerator.MoveNextAsync().ConfigureAwait(false))
                {
                    yield break;
                }
            }
            catch (Exception error) when (WorkerErrors.IsOfAgent(error))
            {
                throw WorkerErrors.Translate(error, disk.Id);
            }

            var run = enumerator.Current;
            if (run.Kind == WorkerChunksKind.Unreadable)
            {
                throw WorkerErrors.Translate(new WorkerReadException(device.Name, run.Range, run.ErrorNumber), disk.Id);
            }

            yield return run;
        }
    }
}
