using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Brings one disk of a replica up to date: diff, transfer, commit. Whatever happens stays in its report.</summary>
internal sealed class DiskReplication
{
    // Marking a snapshot as kept is one call with retries; the caller's token must not come between a commit and it.
    private static readonly TimeSpan s_retainTimeout = TimeSpan.FromMinutes(2);

    private const string CorruptManifest = "its manifest is corrupt";

    private readonly Execution _execution;
    private readonly IBlockSource _source;
    private readonly ReplicationEngine _engine;
    private readonly DiskDescriptor _descriptor;
    private readonly DiskProgress _progress;
    private DiskPlan _plan = new(ReplicaMode.Full, "nothing was decided yet", 0);
    private ChunkDigest? _contentRoot;

    public DiskReplication(Execution execution, IBlockSource source, ReplicationEngine engine)
    {
        _execution = execution;
        _source = source;
        _engine = engine;
        _progress = new DiskProgress(execution.Progress, source.Disk.Id, source.Disk.SizeBytes, engine.TimeProvider);
        _descriptor = execution.State.Describe(source.Disk);
    }

    private DiskManifests Manifests => _execution.State.Manifests(_descriptor.DiskId);

    public async Task<DiskReport> RunAsync(CancellationToken cancellationToken)
    {
        using var activity = ReplicationTelemetry.Source.StartActivity("replicate volume");
        activity?.SetTag("coriolis.volume.id", _descriptor.DiskId);
        activity?.SetTag("coriolis.block_source", _source.ReadPath == ReadPath.Direct ? "direct" : "worker");
        try
        {
            await ReplicateAsync(cancellationToken).ConfigureAwait(false);
            activity?.SetTag("coriolis.replica.mode", _plan.Mode == ReplicaMode.Full ? "full" : "incremental");
            return Report(DiskStatus.Committed, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Report(DiskStatus.Cancelled, null);
        }
        catch (Exception e)
        {
            var error = StateErrors.IsAboutFiles(e) ? StateErrors.Failed(_descriptor.DiskId, e) : e;
            activity.Fail(error);
            _engine.Logger.DiskFailed(error, _descriptor.DiskId, _execution.Id);
            return Report(DiskStatus.Failed, error);
        }
    }

    private async Task ReplicateAsync(CancellationToken cancellationToken)
    {
        var writer = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = writer.ConfigureAwait(false);
        using var committed = OpenBaseline(writer, out var noBaseline);
        using var draft = Plan(writer, committed, noBaseline, cancellationToken);
        var baseline = _plan.Mode == ReplicaMode.Incremental ? committed : null;

        var mandatory = baseline is null && _plan.Resumed is null
            ? null
            : await FindMandatoryAsync(writer, draft, cancellationToken).ConfigureAwait(false);
        await TransferAsync(writer, baseline, mandatory, draft, cancellationToken).ConfigureAwait(false);
        await CommitAsync(writer, draft, cancellationToken).ConfigureAwait(false);
        await RetainAsync().ConfigureAwait(false);
    }

    private async Task<GuardedWriter> OpenAsync(CancellationToken cancellationToken)
    {
        var writer = await _execution.Destination.OpenAsync(_descriptor, cancellationToken).ConfigureAwait(false);
        var guarded = new GuardedWriter(writer, _descriptor, _engine);
        var alignment = writer.Capabilities.Alignment;
        if (_engine.Options.ChunkSize % alignment == 0)
        {
            return guarded;
        }

        await guarded.DisposeAsync().ConfigureAwait(false);
        throw new DestinationException(
            $"The destination of disk {_descriptor.DiskId} takes multiples of {alignment} bytes; a chunk has {_engine.Options.ChunkSize}.")
        {
            ResourceId = _descriptor.DiskId,
            Remedy = $"Set the chunk size to a multiple of {alignment} bytes.",
        };
    }

    private ManifestFile? OpenBaseline(GuardedWriter writer, out string noBaseline)
    {
        noBaseline = "there is no manifest of an earlier execution";
        try
        {
            return Manifests.OpenBaseline(writer.Content);
        }
        catch (IntegrityException e)
        {
            _engine.Logger.ManifestCorrupt(e, _descriptor.DiskId);
            noBaseline = CorruptManifest;
            return null;
        }
    }

    /// <summary>Decides how to go on, and creates the draft that fits: a copy of the baseline, or an empty one.</summary>
    private ManifestDraft Plan(GuardedWriter writer, ManifestFile? baseline, string noBaseline, CancellationToken cancellationToken)
    {
        try
        {
            _plan = DiskPlan.Decide(
                _source.Disk, _engine.Options.ChunkSize, baseline, noBaseline, writer, _execution.Request.CompareDestination);
            var copied = _plan.Mode == ReplicaMode.Incremental ? baseline : null;
            var draft = CreateDraft(writer, copied, cancellationToken);
            _engine.Logger.ModeChosen(_descriptor.DiskId, _plan.Mode, _plan.Reason);
            return draft;
        }
        catch (IntegrityException e) when (baseline is not null)
        {
            _engine.Logger.ManifestCorrupt(e, _descriptor.DiskId);
            return Plan(writer, null, CorruptManifest, cancellationToken);
        }
    }

    private ManifestDraft CreateDraft(GuardedWriter writer, ManifestFile? baseline, CancellationToken cancellationToken)
    {
        var info = DescribeManifest();
        if (writer is not { Content.Kind: DestinationContentKind.Unknown, Capabilities.CanReadBack: true }
            || Manifests.FindResumePoint(info) is not { } point)
        {
            return Manifests.CreateDraft(info, baseline, cancellationToken);
        }

        _plan = _plan.Resume(point);
        return Manifests.ResumeDraft(info, point, baseline, cancellationToken);
    }

    /// <summary>Finds the chunks that must be dealt with whether they changed or not: a new tail, and what the destination lost.</summary>
    private async Task<ChunkSet> FindMandatoryAsync(
        GuardedWriter writer, ManifestDraft draft, CancellationToken cancellationToken)
    {
        var mandatory = new ChunkSet(draft.Info.ChunkCount);
        var trustedChunks = _plan.TrustedBytes == draft.Info.SizeBytes
            ? draft.Info.ChunkCount
            : _plan.TrustedBytes / draft.Info.ChunkSize;
        if (_plan.CheckDestination)
        {
            _progress.StartStage("verify destination");
            var readBack = new ReadBack(writer, draft.Info, draft.ReadDigestsAsync, trustedChunks, _progress, _engine);
            await readBack.CompareAsync(Repair, cancellationToken).ConfigureAwait(false);
            _engine.Logger.DestinationCompared(_descriptor.DiskId, mandatory.Count());
        }

        mandatory.AddFrom(trustedChunks);
        return mandatory;

        // With what is there now in the draft, the transfer finds by itself whether the source has something else.
        void Repair(long chunk, ChunkDigest actual)
        {
            draft.Set(chunk, actual);
            mandatory.Add(chunk);
        }
    }

    private async Task TransferAsync(
        GuardedWriter writer, ManifestFile? baseline, ChunkSet? mandatory, ManifestDraft draft, CancellationToken cancellationToken)
    {
        using var activity = ReplicationTelemetry.Source.StartActivity("transfer volume");
        _progress.StartStage("transfer");

        // A disk that was committed before its execution was interrupted has the captured state already.
        var changes = baseline?.Info.SourceReference == _source.SourceReference
            ? AsyncEnumerable.Empty<ChunkRange>()
            : ChunkRanges.FromAsync(_source.GetChangesAsync(baseline, cancellationToken), _plan.ResumedBytes, cancellationToken);
        var ranges = ChunkRanges.WithMandatoryAsync(changes, _source.Disk, draft.Info.ChunkSize, mandatory, cancellationToken);
        using var resumePoints = new ResumePointRecorder(Manifests, draft, writer, _progress, _plan.ResumedBytes, _engine);
        var transfer = new DiskTransfer(_source, writer, draft, _plan.TrustedBytes, _progress, _engine, resumePoints);
        await transfer.RunAsync(ranges, cancellationToken).ConfigureAwait(false);
        _engine.Logger.Transferred(_descriptor.DiskId, _progress.TransferredBytes, _progress.ChangedBytes);
    }

    /// <summary>
    /// Publishes what was written: the sealed manifest is durable before the destination flushes its data and records the
    /// manifest's root, and only becomes the committed one after that. docs/manifest-format.md names the invariants.
    /// </summary>
    private async Task CommitAsync(GuardedWriter writer, ManifestDraft draft, CancellationToken cancellationToken)
    {
        using var activity = ReplicationTelemetry.Source.StartActivity("commit volume");
        using var manifest = Manifests.Seal(draft, cancellationToken);
        if (_execution.Request.Verify)
        {
            _progress.StartStage("verify");
            await ReplicaVerifier.EnsureEqualAsync(writer, manifest, _progress, _engine, cancellationToken).ConfigureAwait(false);
        }

        _progress.StartStage("commit", _descriptor.SizeBytes);
        cancellationToken.ThrowIfCancellationRequested();
        await writer.CommitAsync(manifest, cancellationToken).ConfigureAwait(false);
        Manifests.Publish();
        _contentRoot = manifest.ContentRoot;
        _engine.Logger.Committed(_descriptor.DiskId, manifest.ContentRoot.ToString());
    }

    /// <summary>Makes the captured state the next baseline. The disk is committed whether this succeeds or not.</summary>
    private async Task RetainAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(s_retainTimeout, _engine.TimeProvider);
            await _execution.Capture.RetainAsync(_descriptor.DiskId, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CoriolisException or OperationCanceledException)
        {
            _engine.Logger.BaselineNotKept(e, _descriptor.DiskId);
        }
    }

    private DiskManifestInfo DescribeManifest() => new()
    {
        ReplicaId = _descriptor.ReplicaId,
        InstanceId = _descriptor.InstanceId,
        DiskId = _descriptor.DiskId,
        SizeBytes = _descriptor.SizeBytes,
        ChunkSize = _engine.Options.ChunkSize,
        SourceReference = _source.SourceReference,
        ExecutionId = _execution.Id,
        PointInTime = _execution.Capture.PointInTime,
    };

    private DiskReport Report(DiskStatus status, Exception? error) => new()
    {
        DiskId = _descriptor.DiskId,
        SizeBytes = _descriptor.SizeBytes,
        Mode = _plan.Mode,
        ModeReason = _plan.Reason,
        ReadPath = _source.ReadPath,
        Status = status,
        ChangedBytes = _progress.ChangedBytes,
        ZeroBytes = _progress.ZeroBytes,
        TransferredBytes = _progress.TransferredBytes,
        ResumedBytes = _plan.ResumedBytes,
        ContentRoot = _contentRoot,
        Error = error,
    };
}
