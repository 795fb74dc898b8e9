using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>
/// Opens a capture for an execution: that of the one before, when its process died and the capture still exists, or a new
/// one. What earlier executions left behind is removed first.
/// </summary>
internal sealed class CaptureStage(
    IReplicaSourceProvider source, ReplicaStateStore states, ReplicaState state, ExecutionRecord record, ReplicationEngine engine)
{
    public async Task<JournaledCapture> OpenAsync(SourceInstance instance, ReplicationRequest request, CancellationToken cancellationToken)
    {
        if (await ResumeAsync(instance, request, cancellationToken).ConfigureAwait(false) is { } resumed)
        {
            return resumed;
        }

        await state.EndInterruptedAsync().ConfigureAwait(false);
        await SweepInterruptedAsync(state.ReadJournals(), [], cancellationToken).ConfigureAwait(false);
        var journal = state.CreateJournal(record.ExecutionId);
        try
        {
            var captureRequest = record.DescribeCapture(state, record.ExecutionId, journal);
            return new JournaledCapture(await source.CaptureAsync(instance, captureRequest, cancellationToken).ConfigureAwait(false), journal);
        }
        catch
        {
            await CloseAsync(journal).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<JournaledCapture?> ResumeAsync(SourceInstance instance, ReplicationRequest request, CancellationToken cancellationToken)
    {
        // The capture of a final synchronisation must be one of an instance that is shut down.
        if (!request.Resume || request.ShutDown)
        {
            return null;
        }

        var journals = state.ReadJournals();
        if (journals.FindInterrupted(engine.Options.ResumeWithin, engine.TimeProvider.GetUtcNow()) is not var (executionId, created))
        {
            return null;
        }

        await SweepInterruptedAsync(journals, created, cancellationToken, executionId).ConfigureAwait(false);
        var journal = state.ReopenJournal(executionId);
        try
        {
            var captureRequest = record.DescribeCapture(state, executionId, journal);
            if (await source.ResumeCaptureAsync(instance, captureRequest, cancellationToken).ConfigureAwait(false) is { } capture)
            {
                engine.Logger.Resumed(executionId);
                record.Resumed(executionId);
                return new JournaledCapture(capture, journal);
            }

            engine.Logger.NotResumed(executionId);
            journal.Dispose();
            return null;
        }
        catch
        {
            // Whether the capture still exists is not known. If it does, the next run may continue it; if not, it is told so.
            journal.Dispose();
            throw;
        }
    }

    // A source that throws has removed what it made, so there is nothing to continue.
    private static async Task CloseAsync(ExecutionJournal journal)
    {
        using (journal)
        {
            await journal.TryEndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Removes what executions of this replica left behind that ended without a release, for example by a power failure.</summary>
    private async Task SweepInterruptedAsync(
        Journals journals, IReadOnlyCollection<string> keep, CancellationToken cancellationToken, string? continued = null)
    {
        var interrupted = journals.Unsettled.Where(id => id != continued).ToHashSet();
        if (interrupted.Count == 0)
        {
            return;
        }

        try
        {
            var inventory = await states.ReadInventoryAsync(cancellationToken).ConfigureAwait(false);
            var request = inventory with
            {
                KeepIds = inventory.KeepIds.Concat(keep).ToHashSet(),
                EndedExecutionIds = interrupted,
                JournaledIds = journals.CreatedIds,
                RunningExecutionIds = inventory.RunningExecutionIds.Except(interrupted).ToHashSet(),
                StoppedInstances = journals.StoppedInstances,
            };
            var report = await source.SweepAsync(request, cancellationToken).ConfigureAwait(false);
            await state.SettleAsync(interrupted, report, isComplete: true).ConfigureAwait(false);
        }
        catch (CoriolisException e)
        {
            engine.Logger.SweepFailed(e, interrupted.Count);
        }
    }
}
