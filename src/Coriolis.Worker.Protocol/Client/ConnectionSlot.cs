namespace Coriolis.Worker.Protocol;

/// <summary>One place in the client's set of connections: opens it when needed, and anew when it broke.</summary>
internal sealed class ConnectionSlot(Func<CancellationToken, Task<Stream>> connect, WorkerClientOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private WorkerConnection? _current;

    public async ValueTask<WorkerConnection> GetAsync(StallClock stall, CancellationToken cancellationToken)
    {
        if (_current is { IsBroken: false } current)
        {
            return current;
        }

        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
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

    public async ValueTask DisposeAsync()
    {
        if (_current is { } current)
        {
            await current.DisposeAsync().ConfigureAwait(false);
        }

        _opening.Dispose();
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
