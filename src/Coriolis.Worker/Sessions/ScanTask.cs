using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>One scan that the controller asked for.</summary>
internal sealed class ScanTask(
    ScanRequest request, uint requestId, Agent agent, DiskCache disks, SendFrame send)
{
    public CreditWindow Window { get; } = new(request.WindowBytes);

    /// <summary>Runs the scan to its end, which it reports whatever happens, unless the connection is gone.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> end;
        var totals = new ScanTotals();
        try
        {
            if (request.FindFault() is { } fault)
            {
                end = new Failed(WorkerFailure.InvalidRequest, fault).ToFrame(requestId);
            }
            else
            {
                using var file = disks.Open(request.DeviceName, request.ExpectedSize);
                await ScanAsync(file, disks.TrialOf(request.DeviceName), totals, cancellationToken).ConfigureAwait(false);
                end = totals.ToCompleted(cancelled: false).ToFrame(requestId);
            }
        }
        catch (DiskOpenException exception)
        {
            end = new Failed(exception.Failure, exception.Message).ToFrame(requestId);
        }
        catch (OperationCanceledException)
        {
            end = totals.ToCompleted(cancelled: true).ToFrame(requestId);
        }
        catch (Exception exception) when (exception is not (IOException or ObjectDisposedException))
        {
            // Whatever it is, for example a lack of memory: the controller must not wait for an answer that never comes.
            end = new Failed(WorkerFailure.Internal, exception.Message).ToFrame(requestId);
        }

        await send(end, moreFollows: false).ConfigureAwait(false);
    }

    private async Task ScanAsync(DiskFile file, CompressionTrial trial, ScanTotals totals, CancellationToken cancellationToken)
    {
        var output = new ScanOutput(request, requestId, Window, agent.Compressor, trial, send);
        var hash = request.Hash == WorkerHash.XxHash3 ? HashKind.XxHash3 : HashKind.Sha256;
        var chunks = ChunkPipeline.Cut(request.Ranges, request.ChunkSize);
        var results = agent.Pipeline.ReadAsync(file, chunks, hash, request.IncludeData, ChunkPipeline.ScanDepth, PayAsync, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        await using var _ = results.ConfigureAwait(false);
        while (true)
        {
            var next = results.MoveNextAsync();
            if (!next.IsCompleted)
            {
                await output.FlushAsync().ConfigureAwait(false);
            }

            if (!await next.ConfigureAwait(false))
            {
                break;
            }

            totals.Count(results.Current);
            await output.AddAsync(results.Current).ConfigureAwait(false);
        }

        await output.FlushAsync().ConfigureAwait(false);
    }

    private ValueTask PayAsync(WorkerRange chunk, CancellationToken cancellationToken) =>
        Window.TakeAsync(request.CostOfChunk((int)chunk.Length), cancellationToken);
}
