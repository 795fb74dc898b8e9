namespace Coriolis.Providers.Aws.Workers;

/// <summary>The volumes of a worker by disk id, and the worker as it is since they are attached: a restart gives it another address.</summary>
internal sealed record AttachedVolumes(LaunchedWorker Machine, IReadOnlyDictionary<string, WorkerVolume> Volumes);
