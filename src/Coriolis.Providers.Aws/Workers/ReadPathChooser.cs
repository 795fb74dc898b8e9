using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Decides how captured disks are read: as asked, else directly where the block API lets us, else through a worker.</summary>
internal sealed class ReadPathChooser(BlockApiProbe probe, WorkerReader workers, AwsSourceOptions options, ILogger logger)
{
    public async Task<ReadPath> ChooseAsync(SourceInstance instance, SnapshotSet set, CaptureRequest request, CancellationToken cancellationToken)
    {
        if (request.ReadPath != ReadPath.Auto)
        {
            return request.ReadPath;
        }

        // Without an agent there is no choice, and the direct path says best what is wrong with it.
        if (!AgentFiles.Exist(options))
        {
            Report("reading over the block API, because there is no agent for workers");
            return ReadPath.Direct;
        }

        var finding = await probe.ProbeAsync(instance.AccountId, set.ByVolume.Values.First().Id, isOurs: true, cancellationToken).ConfigureAwait(false);
        if (finding.Verdict != DoctorVerdict.Failed)
        {
            Report("reading over the block API, because it may be used");
            return ReadPath.Direct;
        }

        await CheckWorkersAsync(instance, finding, cancellationToken).ConfigureAwait(false);
        logger.WorkerChosen(instance.Id, finding.Message);
        Report($"reading through a worker, because the block API cannot be used: {finding.Message}");
        return ReadPath.Worker;

        void Report(string what) => request.Progress?.Report(new CaptureProgress(what));
    }

    /// <summary>Who asked for neither path has to hear what is wrong with both.</summary>
    private async Task CheckWorkersAsync(SourceInstance instance, DoctorFinding direct, CancellationToken cancellationToken)
    {
        try
        {
            await workers.CheckAsync(instance, cancellationToken).ConfigureAwait(false);
        }
        catch (CoriolisException error)
        {
            throw new SourceException(
                $"The disks of {instance.Id} can be read on neither path. Over the block API: {direct.Message} Through a worker: {error.Message}", error)
            {
                ResourceId = instance.Id,
                ErrorCode = error.ErrorCode,
                RequestId = error.RequestId,
                Remedy = $"{direct.Remedy} Or for a worker: {error.Remedy}",
                IsTransient = error.IsTransient,
            };
        }
    }
}
