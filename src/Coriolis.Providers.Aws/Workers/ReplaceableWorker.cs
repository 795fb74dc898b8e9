namespace Coriolis.Providers.Aws.Workers;

/// <summary>
/// The worker for a share of the disks. When its agent ends or it reboots, the agent is started anew; when it dies, another worker takes its place with
/// volumes from the same snapshots, and whoever reads goes on where it stood.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class ReplaceableWorker : IAsyncDisposable
{
    // Enough for bad luck; what fails more often than this has a cause that another worker does not remove.
    private const int MaxMachines = 3;
    private const int MaxRestarts = 8;

    private readonly SemaphoreSlim _recovering = new(1, 1);
    private readonly WorkerOpener _opener;
    private readonly Func<WorkerRun> _newRun;
    private readonly IReadOnlyList<CapturedDisk> _disks;
    private int _machines;
    private int _restarts;
    private bool _isGivenUp;
    private volatile OpenWorker _current = null!;

    private ReplaceableWorker(WorkerOpener opener, Func<WorkerRun> newRun, IReadOnlyList<CapturedDisk> disks)
    {
        _opener = opener;
        _newRun = newRun;
        _disks = disks;
    }

    /// <summary>The worker to read from, until <see cref="RecoverAsync"/> says otherwise.</summary>
    public OpenWorker Current => _current;

    public static async Task<ReplaceableWorker> OpenAsync(
        WorkerOpener opener, Func<WorkerRun> newRun, IReadOnlyList<CapturedDisk> disks, CancellationToken cancellationToken)
    {
        var worker = new ReplaceableWorker(opener, newRun, disks);
        worker._current = await worker.LaunchAsync(cancellationToken).ConfigureAwait(false);
        return worker;
    }

    /// <summary>Gets over the loss of a worker: afterwards <see cref="Current"/> is another one than the lost one.</summary>
    /// <param name="lost">The worker that failed its caller; when it is no longer the current one, somebody else has dealt with it.</param>
    /// <param name="error">How it failed.</param>
    /// <param name="cancellationToken">Cancels the recovery.</param>
    /// <exception cref="CoriolisException">There is no worker to be had any more.</exception>
    public async Task RecoverAsync(OpenWorker lost, CoriolisException error, CancellationToken cancellationToken)
    {
        await _recovering.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!ReferenceEquals(lost, _current))
            {
                return;
            }

            if (_isGivenUp || ++_restarts > MaxRestarts)
            {
                throw error;
            }

            lost.Run.Report($"the worker {lost.Machine.Id} is lost: {error.Problem}");

            // Unless what follows succeeds, there is nothing to recover for those who come after.
            _isGivenUp = true;
            await lost.Session.DisposeAsync().ConfigureAwait(false);
            _current = (lost.Session.HasStalled ? null : await TryRestartAsync(lost, cancellationToken).ConfigureAwait(false))
                ?? await ReplaceAsync(lost, error, cancellationToken).ConfigureAwait(false);
            _isGivenUp = false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It was given up for this caller's sake; others may go on, and recover it themselves.
            _isGivenUp = false;
            throw;
        }
        finally
        {
            _recovering.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _current.Session.DisposeAsync().ConfigureAwait(false);
        _recovering.Dispose();
    }

    private async Task<OpenWorker?> TryRestartAsync(OpenWorker lost, CancellationToken cancellationToken)
    {
        try
        {
            return await _opener.RestartAsync(lost, cancellationToken).ConfigureAwait(false);
        }
        catch (SourceException error) when (error.IsTransient)
        {
            lost.Run.Report($"the agent cannot be started again: {error.Problem}");
            return null;
        }
    }

    private async Task<OpenWorker> ReplaceAsync(OpenWorker lost, CoriolisException error, CancellationToken cancellationToken)
    {
        if (_machines >= MaxMachines)
        {
            throw error;
        }

        await _opener.DiscardAsync(lost.Machine).ConfigureAwait(false);
        return await LaunchAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<OpenWorker> LaunchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var run = _newRun();
            var machine = await _opener.LaunchAsync(run, cancellationToken).ConfigureAwait(false);
            _machines++;
            try
            {
                return await _opener.PrepareAsync(run, machine, _disks, cancellationToken).ConfigureAwait(false);
            }
            catch (CoriolisException error) when (error.IsTransient && _machines < MaxMachines)
            {
                run.Report($"the worker {machine.Id} is given up, another one is launched: {error.Problem}");
                await _opener.DiscardAsync(machine).ConfigureAwait(false);
            }
        }
    }
}
