using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>Reads the chunks of ranges, many at once, and hands them out in order.</summary>
internal sealed class ChunkPipeline(BufferPool buffers, ReadThreads threads, AgentCounters counters)
{
    /// <summary>Reads that one scan may have under way: enough to keep a volume busy that loads lazily from S3.</summary>
    public const int ScanDepth = 32;

    /// <summary>Pieces of a body that are read ahead. A client that stalls keeps them, so they are few.</summary>
    public const int BodyDepth = 4;

    /// <summary>
    /// Reads chunks in the order given. Before each read it waits for <paramref name="beforeRead"/>, so that a buffer is only taken
    /// for a chunk that can also be sent. A result is borrowed: it holds until the enumerator moves on.
    /// </summary>
    public async IAsyncEnumerable<ChunkResult> ReadAsync(
        DiskFile file,
        IEnumerable<WorkerRange> chunks,
        HashKind hash,
        bool keepData,
        int depth,
        Func<WorkerRange, CancellationToken, ValueTask>? beforeRead,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var underWay = Channel.CreateBounded<Task<ChunkResult>>(depth);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var producing = ProduceAsync();
        try
        {
            await foreach (var read in underWay.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                var result = await read.ConfigureAwait(false);
                counters.Count(result);
                using (result)
                {
                    yield return result;
                }
            }
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            await producing.ConfigureAwait(false);
            while (underWay.Reader.TryRead(out var read))
            {
                await read.ContinueWith(Discard, TaskScheduler.Default).ConfigureAwait(false);
            }
        }

        async Task ProduceAsync()
        {
            try
            {
                foreach (var chunk in chunks)
                {
                    if (beforeRead is not null)
                    {
                        await beforeRead(chunk, stopping.Token).ConfigureAwait(false);
                    }

                    await underWay.Writer.WaitToWriteAsync(stopping.Token).ConfigureAwait(false);
                    var buffer = await buffers.RentAsync(stopping.Token).ConfigureAwait(false);
                    underWay.Writer.TryWrite(threads.Enqueue(new ChunkRead(file, chunk, hash, keepData, buffer, buffers)));
                }

                underWay.Writer.Complete();
            }
            catch (Exception exception)
            {
                // The consumer gets it, in its turn.
                underWay.Writer.Complete(exception);
            }
        }
    }

    /// <summary>Cuts ranges into chunks, each range from its own start.</summary>
    public static IEnumerable<WorkerRange> Cut(IEnumerable<WorkerRange> ranges, int chunkSize)
    {
        foreach (var range in ranges)
        {
            for (var offset = range.Offset; offset < range.End; offset += Math.Min(chunkSize, range.End - offset))
            {
                yield return new WorkerRange(offset, Math.Min(chunkSize, range.End - offset));
            }
        }
    }

    private static void Discard(Task<ChunkResult> read)
    {
        if (read.IsCompletedSuccessfully)
        {
            read.Result.Dispose();
        }
    }
}
