namespace Coriolis.Providers;

/// <summary>Reads instances and their disks from a source cloud.</summary>
/// <remarks>
/// Thread safety: all members may be called concurrently. Every member throws a <see cref="CoriolisException"/> that
/// names the resource, the cause and the remedy, or <see cref="OperationCanceledException"/> when cancelled.
/// </remarks>
public interface IReplicaSourceProvider
{
    /// <summary>Checks that the credentials are valid and that the source cloud can be reached.</summary>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <returns>A task that completes when the connection is known to work.</returns>
    /// <exception cref="SourceAccessDeniedException">The credentials are wrong, expired or lack a permission.</exception>
    /// <exception cref="SourceException">The service cannot be reached.</exception>
    Task ValidateConnectionAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists instances page by page, without holding the list.</summary>
    /// <param name="filter">Which instances; the default lists all that are not terminated.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The instances, in the order in which the cloud returns them.</returns>
    IAsyncEnumerable<InstanceSummary> ListInstancesAsync(InstanceFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Reads the whole configuration of one instance.</summary>
    /// <param name="idOrName">The instance id, or the value of its <c>Name</c> tag.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The instance with its disks, boot disk first.</returns>
    /// <exception cref="InstanceNotFoundException">No such instance in this region.</exception>
    /// <exception cref="AmbiguousInstanceException">Several instances have this name.</exception>
    /// <exception cref="UnsupportedInstanceException">The instance exists but cannot be replicated.</exception>
    Task<SourceInstance> GetInstanceAsync(string idOrName, CancellationToken cancellationToken = default);

    /// <summary>
    /// Fixes one crash-consistent point in time of all disks of an instance and opens it for reading.
    /// </summary>
    /// <remarks>
    /// When it throws, everything it created has been deleted again and an instance that it stopped has been started;
    /// what could not be undone is in <see cref="SourceException.LeftBehind"/>. Creates billable snapshots.
    /// </remarks>
    /// <param name="instance">The instance, as returned by <see cref="GetInstanceAsync"/>.</param>
    /// <param name="request">What to capture and on whose behalf.</param>
    /// <param name="cancellationToken">Cancels the capture; cleaning up does not use it.</param>
    /// <returns>The capture. The caller owns it and must release it.</returns>
    Task<ISourceCapture> CaptureAsync(SourceInstance instance, CaptureRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Opens once more the point in time that an execution had captured whose process then died, without having released it.
    /// </summary>
    /// <remarks>
    /// <see cref="CaptureRequest.ExecutionId"/> is the id of that execution, and its journal goes on. Creates nothing but what
    /// reading needs. When it throws, either what that execution had made has been deleted, as with <see cref="CaptureAsync"/>, or, because
    /// it could not be looked for, nothing has: a later call with the same request finds out.
    /// </remarks>
    /// <param name="instance">The instance, as returned by <see cref="GetInstanceAsync"/>.</param>
    /// <param name="request">What was captured and on whose behalf.</param>
    /// <param name="cancellationToken">Cancels the opening; cleaning up does not use it.</param>
    /// <returns>
    /// The capture, which the caller owns and must release; <see langword="null"/> when it does not exist any more or does
    /// not have every disk that is asked for. What is left of it then is a sweep's to remove.
    /// </returns>
    Task<ISourceCapture?> ResumeCaptureAsync(
        SourceInstance instance, CaptureRequest request, CancellationToken cancellationToken = default) =>
        Task.FromResult<ISourceCapture?>(null);

    /// <summary>Finds what earlier executions left in the account and removes what nobody needs any more.</summary>
    /// <param name="request">Whose resources, and what must be kept.</param>
    /// <param name="cancellationToken">Cancels the sweep between two resources.</param>
    /// <returns>Every resource of ours that was found and what was done with it.</returns>
    Task<SweepReport> SweepAsync(SweepRequest request, CancellationToken cancellationToken = default);
}
