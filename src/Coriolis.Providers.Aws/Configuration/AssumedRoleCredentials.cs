using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Credentials of a role, renewed before they expire. The SDK's own class for this finds STS by reflection and always
/// calls AWS's endpoint; this one uses the endpoint of the registration.
/// </summary>
internal sealed class AssumedRoleCredentials : RefreshingAWSCredentials
{
    private const string SessionName = "coriolis";

    private readonly IAmazonSecurityTokenService _sts;
    private readonly string _roleArn;
    private readonly string? _externalId;

    public AssumedRoleCredentials(IAmazonSecurityTokenService sts, string roleArn, string? externalId)
    {
        _sts = sts;
        _roleArn = roleArn;
        _externalId = externalId;

        // Requests that are being signed when the session ends must still be accepted.
        PreemptExpiryTime = TimeSpan.FromMinutes(5);
    }

    protected override CredentialsRefreshState GenerateNewCredentials() => GenerateNewCredentialsAsync().GetAwaiter().GetResult();

    protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
    {
        var response = await _sts.AssumeRoleAsync(
            new AssumeRoleRequest { RoleArn = _roleArn, ExternalId = _externalId, RoleSessionName = SessionName }).ConfigureAwait(false);
        var credentials = response.Credentials;
        return new CredentialsRefreshState(
            new ImmutableCredentials(credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken),
            credentials.Expiration.GetValueOrDefault());
    }
}
