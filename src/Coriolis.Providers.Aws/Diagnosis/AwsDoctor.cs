using System.Runtime.CompilerServices;
using Amazon.SecurityToken.Model;

namespace Coriolis.Providers.Aws;

/// <summary>Checks, without changing anything, whether replication will work with a connection.</summary>
/// <remarks>Thread safety: may be used concurrently. Creates and deletes nothing: permissions are probed with dry runs.</remarks>
public sealed class AwsDoctor
{
    private readonly AwsClients _clients;
    private readonly AwsGateway _gateway;
    private readonly SnapshotCatalog _snapshots;
    private readonly KeyInspector _keys;

    internal AwsDoctor(AwsClients clients, AwsGateway gateway, SnapshotCatalog snapshots, KeyInspector keys)
    {
        _clients = clients;
        _gateway = gateway;
        _snapshots = snapshots;
        _keys = keys;
    }

    /// <summary>Runs all checks, one after the other. A failed check is a finding, never an exception.</summary>
    /// <param name="cancellationToken">Cancels the diagnosis.</param>
    /// <returns>The findings, as they are made.</returns>
    public async IAsyncEnumerable<DoctorFinding> DiagnoseAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var credentials = await CheckCredentialsAsync(cancellationToken).ConfigureAwait(false);
        yield return credentials;
        if (credentials.Verdict == DoctorVerdict.Failed)
        {
            yield break;
        }
    }

    private async Task<DoctorFinding> CheckCredentialsAsync(CancellationToken cancellationToken)
    {
        var identity = await _gateway.InvokeAsync(
            new AwsCall("sts", "GetCallerIdentity"),
            token => _clients.Sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), token),
            cancellationToken).ConfigureAwait(false);
        return new DoctorFinding("credentials", DoctorVerdict.Ok, $"{identity.Arn} in account {identity.Account}.");
    }
}
