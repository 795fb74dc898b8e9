namespace Coriolis.Providers.Aws.Workers;

/// <summary>Opens captured disks through workers.</summary>
internal sealed class WorkerReader(WorkerOpener opener, InstanceTypeCatalog types, AwsSourceOptions options, TimeProvider timeProvider)
{
    // what a type holds without a figure of its own: the Nitro limit, less root, interface and one to spare.
    private const int DefaultRoom = 25;

    private const string TooManyAttachments = "AttachmentLimitExceeded";

    /// <summary>Checks, before anything is created, what workers need: the agent, and an image, a type and a subnet that fit.</summary>
    /// <exception cref="SourceException">Something is missing.</exception>
    public Task CheckAsync(SourceInstance instance, CancellationToken cancellationToken) => opener.CheckAsync(instance, cancellationToken);

    /// <summary>Launches as many workers as the disks need and opens a source for each disk.</summary>
    /// <param name="state">Receives the workers as they are opened, to be closed when the capture is released.</param>
    /// <param name="instance">The captured instance.</param>
    /// <param name="disks">The disks with their snapshots.</param>
    /// <param name="cancellationToken">Cancels the opening; what exists by then is released with the capture.</param>
    public async Task<IReadOnlyList<IBlockSource>> OpenAsync(
        CaptureState state, SourceInstance instance, IReadOnlyList<CapturedDisk> disks, CancellationToken cancellationToken)
    {
        var room = await FindRoomAsync(cancellationToken).ConfigureAwait(false);
        var sources = new List<IBlockSource>();
        var shares = new Queue<CapturedDisk[]>(disks.Chunk(room));
        state.WorkersRequested = true;
        while (shares.TryDequeue(out var share))
        {
            try
            {
                var worker = await ReplaceableWorker.OpenAsync(opener, NewRun, share, cancellationToken).ConfigureAwait(false);
                state.AddWorker(worker);
                sources.AddRange(share.Select(disk => new WorkerBlockSource(
                    worker, disk.Disk with { SizeBytes = disk.Snapshot.SizeBytes }, disk.Snapshot.Id, state.Request.ChunkSize)));
            }
            catch (CoriolisException error) when (error.ErrorCode == TooManyAttachments && share.Length > 1)
            {
                // The figures that AWS gives are not always right; half as many disks on two workers are.
                state.Request.Progress?.Report(new CaptureProgress($"a worker cannot hold {share.Length} volumes, they are spread over two"));
                foreach (var half in share.Chunk((share.Length + 1) / 2))
                {
                    shares.Enqueue(half);
                }
            }
        }

        return [.. disks.Select(disk => sources.Single(source => source.Disk.Id == disk.Disk.Id))];

        WorkerRun NewRun() => new(instance, state, options, timeProvider);
    }

    private async Task<int> FindRoomAsync(CancellationToken cancellationToken)
    {
        var type = await types.FindAsync(options.WorkerInstanceType, cancellationToken).ConfigureAwait(false);
        return Math.Clamp((type?.EbsInfo?.MaximumEbsAttachments ?? DefaultRoom + 3) - 3, 1, DefaultRoom);
    }
}
