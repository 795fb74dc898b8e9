using Coriolis.Worker.Protocol;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>A worker whose agent answers, with the disks as the agent names them at present.</summary>
/// <param name="Run">Whose worker it is, and its keys.</param>
/// <param name="Machine">The instance.</param>
/// <param name="Volumes">The volumes by disk id.</param>
/// <param name="Session">The connection to the agent.</param>
/// <param name="Devices">The devices by disk id. Names last no longer than a boot of the machine.</param>
internal sealed record OpenWorker(
    WorkerRun Run,
    LaunchedWorker Machine,
    IReadOnlyDictionary<string, WorkerVolume> Volumes,
    WorkerSession Session,
    IReadOnlyDictionary<string, WorkerDevice> Devices)
{
    public WorkerClient Client => Session.Client;
}
