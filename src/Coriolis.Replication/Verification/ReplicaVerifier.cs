using Coriolis.Providers;

namespace Coriolis.Replication;

/// <summary>Proves that the disks of a replica hold what their manifests say, by reading them back.</summary>
/// <remarks>
/// Thread safety: replicas may be verified concurrently. Needs no source. Changes no disk; a manifest that an interrupted execution left
/// pending is settled, as the next execution would do. Memory is bounded by
/// <see cref="ReplicationOptions.MemoryBudgetBytes"/>, once for each size that the chunks of manifests have.
/// </remarks>
public sealed class ReplicaVerifier
{
    private const int MaxRanges = 100;

    private readonly IDestinationWriter _destination;
    private readonly ReplicaStateStore _states;
    private readonly ReplicationEngine _engine;

    internal ReplicaVerifier(IDestinationWriter destination, ReplicaStateStore states, ReplicationEngine engine)
    {
        _destination = destination;
        _states = states;
        _engine = engine;
    }

    /// <summary>Reads every committed disk of a replica and compares each chunk with its manifest.</summary>
    /// <param name="instanceId">The id of the source instance; not its name.</param>
    /// <param name="progress">Receives where each disk stands, from several threads.</param>
    /// <param name="cancellationToken">Cancels the verification.</param>
    /// <returns>The outcome per disk; a disk that cannot be compared does not stop the others.</returns>
    /// <exception cref="ReplicaStateException">There is no such replica, or an execution of it is running.</exception>
    public async Task<VerificationReport> VerifyAsync(
        string instanceId, IProgress<ExecutionProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        using var state = await _states.OpenExistingAsync(instanceId, cancellationToken).ConfigureAwait(false);
        var disks = state.DiskIds.Select(diskId => VerifyDiskAsync(state, diskId, progress, cancellationToken)).ToList();
        return new VerificationReport { InstanceId = instanceId, Disks = await Task.WhenAll(disks).ConfigureAwait(false) };
    }

    /// <summary>Throws when a disk does not hold what a manifest says.</summary>
    internal static async Task EnsureEqualAsync(
        IDiskWriter writer, ManifestFile manifest, DiskProgress progress, ReplicationEngine engine, CancellationToken cancellationToken)
    {
        if (!writer.Capabilities.CanReadBack)
        {
            throw NotReadable(manifest.Info.DiskId);
        }

        var different = await CompareAsync(writer, manifest, progress, engine, cancellationToken).ConfigureAwait(false);
        if (different.Count() is > 0 and var count)
        {
            var (first, _) = different.FindRun(0, manifest.Info.ChunkCount);
            throw new IntegrityException(
                $"Disk {manifest.Info.DiskId} was not committed: {count} chunks read back differ from what was written, the first at byte {first * manifest.Info.ChunkSize}.")
            {
                ResourceId = manifest.Info.DiskId,
                Remedy = "Check the storage of the destination.",
            };
        }
    }

    private async Task<DiskVerification> VerifyDiskAsync(
        ReplicaState state, string diskId, IProgress<ExecutionProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            var manifests = state.Manifests(diskId);
            if (manifests.HasPending)
            {
                await SettlePendingAsync(state, manifests, diskId, cancellationToken).ConfigureAwait(false);
            }

            var writer = await OpenAsync(state, manifests, diskId, cancellationToken).ConfigureAwait(false);
            await using var _ = writer.ConfigureAwait(false);
            using var manifest = manifests.OpenBaseline(writer.Content);
            return await VerifyDiskAsync(writer, manifest!, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CoriolisException || StateErrors.IsAboutFiles(e))
        {
            var error = StateErrors.IsAboutFiles(e) ? StateErrors.Failed(diskId, e) : e;
            return new DiskVerification { DiskId = diskId, Status = VerificationStatus.Failed, Error = error };
        }
    }

    /// <summary>Before the disk is opened to be read: a manifest that is published now may be of a disk that has grown.</summary>
    private async Task SettlePendingAsync(ReplicaState state, DiskManifests manifests, string diskId, CancellationToken cancellationToken)
    {
        var writer = await OpenAsync(state, manifests, diskId, cancellationToken).ConfigureAwait(false);
        await using var _ = writer.ConfigureAwait(false);
        manifests.SettlePending(writer.Content);
    }

    private async Task<GuardedWriter> OpenAsync(ReplicaState state, DiskManifests manifests, string diskId, CancellationToken cancellationToken)
    {
        var descriptor = state.Describe(diskId, manifests.ReadInfo().SizeBytes, isBoot: false);
        return new GuardedWriter(await _destination.OpenAsync(descriptor, cancellationToken).ConfigureAwait(false), descriptor, _engine);
    }

    private async Task<DiskVerification> VerifyDiskAsync(
        GuardedWriter writer, ManifestFile manifest, IProgress<ExecutionProgress>? progress, CancellationToken cancellationToken)
    {
        var result = new DiskVerification
        {
            DiskId = manifest.Info.DiskId,
            SizeBytes = manifest.Info.SizeBytes,
            Status = VerificationStatus.Missing,
            ContentRoot = manifest.ContentRoot,
            DestinationState = writer.Content.Reason,
        };
        if (writer.Content.Kind == DestinationContentKind.Zeroes)
        {
            return result;
        }

        if (!writer.Capabilities.CanReadBack)
        {
            throw NotReadable(manifest.Info.DiskId);
        }

        var diskProgress = new DiskProgress(progress, manifest.Info.DiskId, manifest.Info.SizeBytes, _engine.TimeProvider);
        diskProgress.StartStage("verify");
        var different = await CompareAsync(writer, manifest, diskProgress, _engine, cancellationToken).ConfigureAwait(false);
        var count = different.Count();
        return result with
        {
            Status = count == 0 ? VerificationStatus.Equal : VerificationStatus.Different,
            DifferentChunks = count,
            DifferentRanges = [.. Ranges(different, manifest.Info).Take(MaxRanges)],
        };
    }

    private static async Task<ChunkSet> CompareAsync(
        IDiskWriter writer, ManifestFile manifest, DiskProgress progress, ReplicationEngine engine, CancellationToken cancellationToken)
    {
        var different = new ChunkSet(manifest.Info.ChunkCount);
        var readBack = new ReadBack(writer, manifest, progress, engine);
        await readBack.CompareAsync((chunk, _) => different.Add(chunk), cancellationToken).ConfigureAwait(false);
        return different;
    }

    private static IEnumerable<ChunkRange> Ranges(ChunkSet chunks, DiskManifestInfo info)
    {
        for (var run = chunks.FindRun(0, info.ChunkCount); run.First < run.End; run = chunks.FindRun(run.End, info.ChunkCount))
        {
            var offset = run.First * info.ChunkSize;
            yield return new ChunkRange(offset, Math.Min(run.End * info.ChunkSize, info.SizeBytes) - offset);
        }
    }

    private static DestinationException NotReadable(string diskId) =>
        new($"Disk {diskId} cannot be verified: its destination cannot be read back.")
        {
            ResourceId = diskId,
            Remedy = "Leave out the verification, or use a destination that can be read.",
        };
}
