using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Brings the replica of one instance up to date: inspect, capture, and for each disk diff, transfer, commit; then release.</summary>
/// <remarks>
/// Thread safety: several instances may be replicated at once, and share the memory budget; a second execution of the same
/// replica is refused. Disks are independent: one that fails is reported and does not stop the others.
/// </remarks>
public sealed class ReplicaPipeline
{
    private readonly IReplicaSourceProvider _source;
    private readonly IDestinationWriter _destination;
    private readonly ReplicaStateStore _states;
    private readonly ReplicationEngine _engine;

    internal ReplicaPipeline(
        IReplicaSourceProvider source, IDestinationWriter destination, ReplicaStateStore states, ReplicationEngine engine)
    {
        _source = source;
        _destination = destination;
        _states = states;
        _engine = engine;
    }

    /// <summary>Runs one execution.</summary>
    /// <remarks>
    /// What happens before the disks are captured is thrown; from then on everything is in the report, also a cancellation:
    /// disks that were committed before it stay committed. The source is released in every case.
    /// </remarks>
    /// <param name="request">What to replicate.</param>
    /// <param name="progress">Receives stages and positions, from several threads.</param>
    /// <param name="cancellationToken">Cancels the execution; releasing the source does not use it.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="CoriolisException">The instance cannot be read or captured, or its state is in use.</exception>
    /// <exception cref="ArgumentException">An excluded disk is not a disk of the instance.</exception>
    /// <exception cref="OperationCanceledException">The execution was cancelled before the disks were captured.</exception>
    public async Task<ExecutionReport> RunAsync(
        ReplicationRequest request, IProgress<ExecutionProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var record = new ExecutionRecord(request, progress, _engine);
        try
        {
            record.Enter("inspect");
            var instance = await _source.GetInstanceAsync(request.Instance, cancellationToken).ConfigureAwait(false);
            record.Inspected(instance);
            using var state = await _states.OpenAsync(instance.Id, cancellationToken).ConfigureAwait(false);
            record.Opened(state);
            await CheckDestinationAsync(SelectDisks(instance, request), state, cancellationToken).ConfigureAwait(false);

            record.Enter("capture");
            var stage = new CaptureStage(_source, _states, state, record, _engine);
            using var journaled = await stage.OpenAsync(instance, request, cancellationToken).ConfigureAwait(false);
            var capture = journaled.Capture;
            await using var _ = capture.ConfigureAwait(false);
            record.Captured(capture);

            record.Enter("transfer");
            var execution = new Execution(record.ExecutionId, request, state, capture, _destination, record.Progress);
            var disks = capture.Disks.Select(disk => new DiskReplication(execution, disk, _engine).RunAsync(cancellationToken));
            record.Replicated(await Task.WhenAll(disks).ConfigureAwait(false), cancellationToken.IsCancellationRequested);

            record.Enter("release");
            record.Released(await ReleaseAsync(capture, record).ConfigureAwait(false));
            await journaled.Journal.TryEndAsync(record.HasLeftNothingOfInterrupted).ConfigureAwait(false);
            return record.Complete();
        }
        catch (Exception e)
        {
            var error = StateErrors.IsAboutFiles(e) ? StateErrors.Failed(request.Instance, e) : e;
            record.Fail(error);
            if (ReferenceEquals(error, e))
            {
                throw;
            }

            throw error;
        }
    }

    private static IReadOnlyList<SourceDisk> SelectDisks(SourceInstance instance, ReplicationRequest request)
    {
        var unknown = request.ExcludedDiskIds.Except(instance.Disks.Select(disk => disk.Id)).ToList();
        return unknown.Count == 0
            ? [.. instance.Disks.Where(disk => disk.Kind == DiskKind.Volume && !request.ExcludedDiskIds.Contains(disk.Id))]
            : throw new ArgumentException(
                $"Instance {instance.Id} has no disk {string.Join(", ", unknown)} to exclude; its disks are {string.Join(", ", instance.Disks.Select(disk => disk.Id))}.",
                nameof(request));
    }

    /// <summary>
    /// Opens every disk once: a destination that cannot work is known before anything is created at the source, and so is
    /// the manifest that the next capture is compared with.
    /// </summary>
    private async Task CheckDestinationAsync(IReadOnlyList<SourceDisk> disks, ReplicaState state, CancellationToken cancellationToken)
    {
        var failures = new List<DestinationException>();
        foreach (var disk in disks)
        {
            try
            {
                var writer = await _destination.OpenAsync(state.Describe(disk), cancellationToken).ConfigureAwait(false);
                await using var _ = writer.ConfigureAwait(false);
                state.Manifests(disk.Id).SettlePending(writer.Content);
            }
            catch (DestinationException e)
            {
                failures.Add(e);
            }
        }

        // As long as one disk can be written, the others only fail by themselves.
        if (failures.Count > 0 && failures.Count == disks.Count)
        {
            throw failures[0];
        }
    }

    private static async Task<IReadOnlyList<LeftoverResource>> ReleaseAsync(ISourceCapture capture, ExecutionRecord record)
    {
        try
        {
            return await capture.ReleaseAsync(
                record.Status == ExecutionStatus.Succeeded ? CaptureOutcome.Succeeded : CaptureOutcome.Failed).ConfigureAwait(false);
        }
        catch (CoriolisException e)
        {
            // The disks are what they are: a release that fails is reported beside them, and the next sweep finishes it.
            return [new LeftoverResource("capture", record.ExecutionId, e.Message)];
        }
    }
}
