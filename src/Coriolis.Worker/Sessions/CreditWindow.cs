namespace Coriolis.Worker;

/// <summary>How much a scan may still send before the controller has consumed what is on its way.</summary>
/// <remarks>One taker at a time; givers may be concurrent.</remarks>
internal sealed class CreditWindow
{
    private readonly Lock _lock = new();
    private readonly int _size;
    private int _available;
    private TaskCompletionSource? _waiter;

    public CreditWindow(int size) => _available = _size = size;

    public async ValueTask TakeAsync(int cost, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task refill;
            lock (_lock)
            {
                if (_available >= cost)
                {
                    _available -= cost;
                    return;
                }

                _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                refill = _waiter.Task;
            }

            await refill.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives back; <see langword="false"/> when that is more than was taken.</summary>
    public bool TryGive(int cost)
    {
        lock (_lock)
        {
            if (cost < 0 || cost > _size - _available)
            {
                return false;
            }

            _available += cost;
            _waiter?.TrySetResult();
            _waiter = null;
            return true;
        }
    }
}
