namespace Coriolis.Worker;

/// <summary>A scan under way and the means to stop it.</summary>
internal sealed class OpenScan(ScanTask task, CancellationToken connectionToken)
{
    private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(connectionToken);

    public ScanTask Task => task;

    public Task Running { get; private set; } = System.Threading.Tasks.Task.CompletedTask;

    public void Start(AgentCounters counters, Action ended) => Running = RunAsync(counters, ended);

    public async Task CancelAsync()
    {
        try
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The scan has just ended by itself.
        }
    }

    private async Task RunAsync(AgentCounters counters, Action ended)
    {
        // The session goes on reading at once, also while this scan opens its disk.
        await System.Threading.Tasks.Task.Yield();
        counters.Begin();
        try
        {
            await task.RunAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection is gone; the session ends by itself.
        }
        finally
        {
            counters.End();
            ended();
            _stopping.Dispose();
        }
    }
}
