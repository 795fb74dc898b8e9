namespace Coriolis.Providers.Aws.Workers;

/// <summary>A volume that is attached to a worker, with the name it was attached under.</summary>
internal sealed record WorkerVolume(string Id, string DeviceName, long SizeBytes);
