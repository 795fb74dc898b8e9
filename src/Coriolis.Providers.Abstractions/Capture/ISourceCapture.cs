namespace Coriolis.Providers;

/// <summary>A point in time of all disks of an instance, open for reading.</summary>
/// <remarks>
/// Commit or roll back: for each disk whose replica was committed call <see cref="RetainAsync"/>, then call
/// <see cref="ReleaseAsync"/> once with the outcome. Disposing without it is a release as
/// <see cref="CaptureOutcome.Failed"/>. Thread safety: <see cref="Disks"/> and the block sources may be used
/// concurrently, also with <see cref="RetainAsync"/>; nothing may be in use when the capture is released.
/// </remarks>
public interface ISourceCapture : IAsyncDisposable
{
    /// <summary>The moment whose bytes are read.</summary>
    DateTimeOffset PointInTime { get; }

    /// <summary>One block source per captured disk, boot disk first.</summary>
    IReadOnlyList<IBlockSource> Disks { get; }

    /// <summary>
    /// Makes the captured state of a disk its baseline: it survives the release, and the one it replaces is deleted then.
    /// </summary>
    /// <remarks>Call it only after the manifest that names the state has been committed. Idempotent.</remarks>
    /// <param name="diskId">The disk.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that completes when the state is marked as kept in the cloud.</returns>
    Task RetainAsync(string diskId, CancellationToken cancellationToken = default);

    /// <summary>Deletes everything that this capture made and no baseline needs, and superseded baselines.</summary>
    /// <remarks>
    /// Takes no token: it has timeouts of its own, one for each resource, retries, and is idempotent. After <see cref="CaptureOutcome.Failed"/> an
    /// instance that the capture shut down is started again.
    /// </remarks>
    /// <param name="outcome">Whether the execution as a whole succeeded.</param>
    /// <returns>What could not be removed, and why. Empty when nothing is left.</returns>
    Task<IReadOnlyList<LeftoverResource>> ReleaseAsync(CaptureOutcome outcome);
}
