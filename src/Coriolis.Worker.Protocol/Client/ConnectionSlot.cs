namespace Coriolis.Worker.Protocol;

/// <summary>One place in the client's set of connections: opens it when needed, and anew when it broke.</summary>
internal sealed class ConnectionSlot(Func<CancellationToken, Task<Stream>> connect, WorkerClientOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly CancellationTokenSource _closed = new();
    private WorkerConnection? _current;

    public async ValueTask<WorkerConnection> GetAsync(StallClock stall, CancellationToken cancellationToken)
    {
        if (_current is { IsBroken: false } current)
        {
            return current;
        }

        // Whoever waits for a connection that is being opened must not wait for ever when the client is closed meanwhile.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        try
        {
            return await OpenAloneAsync(stall, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(WorkerClient));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync().ConfigureAwait(false);
        await _opening.WaitAsync().ConfigureAwait(false);
        if (_current is { } current)
        {
            _current = null;
            await current.DisposeAsync().ConfigureAwait(false);
        }

        _opening.Release();
    }

    private async Task<WorkerConnection> OpenAloneAsync(StallClock stall, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_current is { IsBroken: true } broken)
            {
                _current = null;
                await broken.DisposeAsync().ConfigureAwait(false);
            }

            return _current ??= await OpenAsync(stall, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<WorkerConnection> OpenAsync(StallClock stall, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var stream = await connect(cancellationToken).ConfigureAwait(false);
                return await WorkerConnection.OpenAsync(stream, options, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (StallClock.IsTransient(exception) && !stall.IsOver)
            {
                await Task.Delay(options.ReconnectDelay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
