using Microsoft.Extensions.Logging;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>Decides how captured disks are read: as asked, else directly where the block API lets us, else through a worker.</summary>
internal sealed class ReadPathChooser(BlockApiProbe probe, AwsSourceOptions options, ILogger logger)
{
    public async Task<ReadPath> ChooseAsync(SourceInstance instance, SnapshotSet set, CaptureRequest request, CancellationToken cancellationToken)
    {
        // Without an agent there is no choice, and the direct path says best what is wrong with it.
        if (request.ReadPath != ReadPath.Auto || !AgentFiles.Exist(options))
        {
            return request.ReadPath == ReadPath.Worker ? ReadPath.Worker : ReadPath.Direct;
        }

        var finding = await probe.ProbeAsync(instance.AccountId, set.ByVolume.Values.First().Id, cancellationToken).ConfigureAwait(false);
        if (finding.Verdict != DoctorVerdict.Failed)
        {
            return ReadPath.Direct;
        }

        logger.WorkerChosen(instance.Id, finding.Message);
        request.Progress?.Report(new CaptureProgress($"reading through a worker: {finding.Message}"));
        return ReadPath.Worker;
    }
}
