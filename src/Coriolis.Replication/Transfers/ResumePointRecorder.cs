using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Records from time to time, while a disk is transferred, from where it could be continued.</summary>
/// <remarks>
/// Thread safe: whoever finds a resume point due records it while the others go on. The order is what makes it true: first
/// the position, then the destination is flushed, then the draft, and only then the resume point is written.
/// </remarks>
internal sealed class ResumePointRecorder : IDisposable
{
    private readonly DiskManifests _manifests;
    private readonly ManifestDraft _draft;
    private readonly IDiskWriter _writer;
    private readonly DiskProgress _progress;
    private readonly ReplicationEngine _engine;
    private readonly ResumeDigest _digest;
    private long _position;
    private long _recordedAt;
    private int _recording;

    /// <param name="manifests">Where resume points are kept.</param>
    /// <param name="draft">The draft that they are about.</param>
    /// <param name="writer">The destination.</param>
    /// <param name="progress">Knows the position.</param>
    /// <param name="position">The position of the resume point that there is.</param>
    /// <param name="engine">The interval and the clock.</param>
    public ResumePointRecorder(
        DiskManifests manifests, ManifestDraft draft, IDiskWriter writer, DiskProgress progress, long position, ReplicationEngine engine)
    {
        _manifests = manifests;
        _draft = draft;
        _writer = writer;
        _progress = progress;
        _position = position;
        _engine = engine;
        _digest = new ResumeDigest(draft, draft.Info.SourceReference);
        _recordedAt = engine.TimeProvider.GetTimestamp();
    }

    private bool IsDue =>
        _engine.TimeProvider.GetElapsedTime(Volatile.Read(ref _recordedAt)) >= _engine.Options.ResumePointInterval
        && _writer.Capabilities is { CanFlush: true, CanReadBack: true };

    public ValueTask RecordIfDueAsync(CancellationToken cancellationToken) =>
        IsDue && Interlocked.Exchange(ref _recording, 1) == 0 ? new ValueTask(RecordAsync(cancellationToken)) : ValueTask.CompletedTask;

    public void Dispose() => _digest.Dispose();

    private async Task RecordAsync(CancellationToken cancellationToken)
    {
        try
        {
            var position = _progress.PositionBytes;
            if (position > _position)
            {
                await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
                _draft.Flush();
                var info = _draft.Info;
                var digest = _digest.Compute((position + info.ChunkSize - 1) / info.ChunkSize);
                _manifests.SaveResumePoint(new ResumePoint(
                    info.ExecutionId, info.SourceReference, info.SizeBytes, info.ChunkSize, position, digest));
                _position = position;
            }

            Volatile.Write(ref _recordedAt, _engine.TimeProvider.GetTimestamp());
        }
        catch (Exception e) when (StateErrors.IsAboutFiles(e))
        {
            throw StateErrors.NoResumePoint(_draft.Info.DiskId, e);
        }
        finally
        {
            Volatile.Write(ref _recording, 0);
        }
    }
}
