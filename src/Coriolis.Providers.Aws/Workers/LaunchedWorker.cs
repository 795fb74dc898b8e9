using Amazon.EC2.Model;

namespace Coriolis.Providers.Aws.Workers;

/// <summary>A worker that runs, and the address that reaches it.</summary>
internal sealed record LaunchedWorker(Instance Instance, string Type, string Address)
{
    public string Id => Instance.InstanceId;

    public string Architecture => Instance.Architecture.Value;

    public string AvailabilityZone => Instance.Placement.AvailabilityZone;
}
