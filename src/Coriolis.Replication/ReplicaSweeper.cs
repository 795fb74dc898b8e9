using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Removes what executions of a state directory left at the source, and starts again what they had shut down.</summary>
/// <remarks>
/// Thread safety: may be used concurrently, also by several processes. A replica of which an execution was interrupted is locked meanwhile, so that
/// nobody continues that execution; what an execution that runs has made is kept.
/// </remarks>
public sealed class ReplicaSweeper
{
    private readonly IReplicaSourceProvider _source;
    private readonly ReplicaStateStore _states;

    internal ReplicaSweeper(IReplicaSourceProvider source, ReplicaStateStore states) => (_source, _states) = (source, states);

    /// <summary>Finds what is left over and removes it.</summary>
    /// <param name="olderThan">How old a resource must be to be removed.</param>
    /// <param name="dryRun">Whether to report only; nothing is locked then.</param>
    /// <param name="cancellationToken">Cancels the sweep.</param>
    /// <returns>Everything of ours that was found, and what was done about it.</returns>
    /// <exception cref="CoriolisException">The source cannot be searched, or the state directory cannot be read.</exception>
    public async Task<SweepReport> SweepAsync(TimeSpan olderThan = default, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        if (dryRun)
        {
            var inventory = await _states.ReadInventoryAsync(cancellationToken).ConfigureAwait(false);
            return await _source.SweepAsync(inventory with { OlderThan = olderThan, DryRun = true }, cancellationToken).ConfigureAwait(false);
        }

        using var interrupted = await _states.HoldInterruptedAsync(cancellationToken).ConfigureAwait(false);
        var report = await _source.SweepAsync(interrupted.Inventory with { OlderThan = olderThan }, cancellationToken).ConfigureAwait(false);
        await interrupted.SettleAsync(report, isComplete: olderThan == TimeSpan.Zero).ConfigureAwait(false);
        return report;
    }
}
