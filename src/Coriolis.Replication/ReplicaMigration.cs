using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Moves an instance for good: syncs while it runs, then one more after it was shut down, read back and compared.</summary>
/// <remarks>
/// Each sync is an execution of <see cref="ReplicaPipeline"/>; the earlier ones make the last, during which the instance is
/// down, short. Thread safety: as of <see cref="ReplicaPipeline"/>.
/// </remarks>
public sealed class ReplicaMigration
{
    private readonly ReplicaPipeline _pipeline;

    internal ReplicaMigration(ReplicaPipeline pipeline) => _pipeline = pipeline;

    /// <summary>Runs the syncs and the last execution.</summary>
    /// <remarks>
    /// A sync that does not succeed ends the migration before the instance is shut down. An instance that was running is
    /// started again when the last execution does not succeed.
    /// </remarks>
    /// <param name="request">What to migrate. <see cref="ReplicationRequest.ShutDown"/> and <see cref="ReplicationRequest.Verify"/>
    /// are set for the last execution whatever they say.</param>
    /// <param name="syncs">How many executions run before the instance is shut down.</param>
    /// <param name="progress">Receives stages and positions, from several threads.</param>
    /// <param name="cancellationToken">Cancels the execution that runs.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="CoriolisException">The instance cannot be read or captured, or its state is in use.</exception>
    /// <exception cref="ArgumentException">An excluded disk is not a disk of the instance.</exception>
    /// <exception cref="OperationCanceledException">The migration was cancelled before disks were captured.</exception>
    public async Task<MigrationReport> RunAsync(
        ReplicationRequest request,
        int syncs = 1,
        IProgress<ExecutionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfNegative(syncs);
        var executions = new List<ExecutionReport>();
        for (var i = 0; i < syncs; i++)
        {
            var report = await _pipeline.RunAsync(request with { ShutDown = false }, progress, cancellationToken).ConfigureAwait(false);
            executions.Add(report);
            if (report.Status != ExecutionStatus.Succeeded)
            {
                return new MigrationReport { Executions = executions };
            }

            // A name may come to mean another instance between two executions.
            request = request with { Instance = report.InstanceId };
        }

        var last = request with { ShutDown = true, Verify = true };
        executions.Add(await _pipeline.RunAsync(last, progress, cancellationToken).ConfigureAwait(false));
        return new MigrationReport { Executions = executions, ShutDown = true };
    }
}
