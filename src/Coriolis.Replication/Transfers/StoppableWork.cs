using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Coriolis.Replication;

/// <summary>Runs a body for every item of a stream, many at once, and never waits for ever for a call that ignores cancellation.</summary>
internal sealed class StoppableWork : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private ExceptionDispatchInfo? _failure;

    private StoppableWork(CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>
    /// Completes when every item is done. The first failure, or the caller's cancellation, stops all bodies; those that have
    /// not returned when the timeout is over are abandoned: what they hold stays theirs until they return.
    /// </summary>
    public static async Task ForEachAsync<T>(
        IAsyncEnumerable<T> items,
        int maxConcurrency,
        Func<T, CancellationToken, ValueTask> body,
        ReplicationEngine engine,
        CancellationToken cancellationToken)
    {
        using var run = new StoppableWork(cancellationToken);
        var options = new ParallelOptions { MaxDegreeOfParallelism = maxConcurrency, CancellationToken = run._stop.Token };
        var work = Parallel.ForEachAsync(run.EnumerateAsync(items, run._stop.Token), options, (item, token) => run.RunAsync(item, body, token));

        await WaitAsync(work, engine, run._stop.Token).ConfigureAwait(false);
        if (!work.IsCompletedSuccessfully)
        {
            run._failure?.Throw();
            cancellationToken.ThrowIfCancellationRequested();
            await work.ConfigureAwait(false);
        }
    }

    /// <summary>Waits for a task to end; once it is told to stop, no longer than the stop timeout. Throws nothing.</summary>
    public static async Task WaitAsync(Task task, ReplicationEngine engine, CancellationToken stop)
    {
        await task.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await task.WaitAsync(engine.Options.StopTimeout, engine.TimeProvider, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stop.Dispose();

    private async IAsyncEnumerable<T> EnumerateAsync<T>(IAsyncEnumerable<T> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var enumerator = items.GetAsyncEnumerator(cancellationToken);
        await using var _ = enumerator.ConfigureAwait(false);
        while (await MoveNextAsync(enumerator, cancellationToken).ConfigureAwait(false))
        {
            yield return enumerator.Current;
        }
    }

    private async ValueTask<bool> MoveNextAsync<T>(IAsyncEnumerator<T> enumerator, CancellationToken cancellationToken)
    {
        try
        {
            return await enumerator.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Fail(e, cancellationToken);
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RunAsync<T>(T item, Func<T, CancellationToken, ValueTask> body, CancellationToken cancellationToken)
    {
        try
        {
            await body(item, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Fail(e, cancellationToken);
            throw;
        }
    }

    // What fails after the stop is a consequence of it, not the cause.
    private void Fail(Exception exception, CancellationToken cancellationToken)
    {
        if (!cancellationToken.IsCancellationRequested
            && Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null) is null)
        {
            _stop.Cancel();
        }
    }
}
