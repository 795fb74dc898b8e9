using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>The replicas of which an execution was interrupted, locked, so that none of them is continued while its leftovers are removed.</summary>
internal sealed record InterruptedReplicas(IReadOnlyList<ReplicaState> States, SweepRequest Inventory) : IDisposable
{
    /// <summary>Records what a sweep has done.</summary>
    public async Task SettleAsync(SweepReport report, bool isComplete)
    {
        foreach (var state in States)
        {
            await state.SettleAsync(state.ReadJournals().Unsettled, report, isComplete).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        foreach (var state in States)
        {
            state.Dispose();
        }
    }
}
