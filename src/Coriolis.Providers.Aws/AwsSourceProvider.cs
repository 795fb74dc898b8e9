using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace Coriolis.Providers.Aws;

/// <summary>The source provider for one account and region.</summary>
internal sealed class AwsSourceProvider(
    InstanceReader reader, InstanceLister lister, CaptureService captures, Sweeper sweeper, IAmazonSecurityTokenService sts, AwsGateway gateway)
    : IReplicaSourceProvider
{
    public async Task ValidateConnectionAsync(CancellationToken cancellationToken = default)
    {
        await gateway.InvokeAsync(
            new AwsCall("sts", "GetCallerIdentity"),
            token => sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), token),
            cancellationToken).ConfigureAwait(false);

        // Valid credentials say nothing about the region: a listing shows that EC2 answers there and may be asked.
        await foreach (var _ in lister.ListAsync(new InstanceFilter(), cancellationToken).ConfigureAwait(false))
        {
            break;
        }
    }

    public IAsyncEnumerable<InstanceSummary> ListInstancesAsync(InstanceFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return lister.ListAsync(filter, cancellationToken);
    }

    public Task<SourceInstance> GetInstanceAsync(string idOrName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrName);
        return reader.ReadAsync(idOrName, cancellationToken);
    }

    public Task<ISourceCapture> CaptureAsync(SourceInstance instance, CaptureRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(request);
        return captures.CaptureAsync(instance, request, cancellationToken);
    }

    public Task<ISourceCapture?> ResumeCaptureAsync(
        SourceInstance instance, CaptureRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(request);
        return captures.ResumeAsync(instance, request, cancellationToken);
    }

    public Task<SweepReport> SweepAsync(SweepRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return sweeper.SweepAsync(request, cancellationToken);
    }
}
