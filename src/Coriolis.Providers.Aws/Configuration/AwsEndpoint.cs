using Amazon;
using Amazon.Extensions.NETCore.Setup;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using Amazon.SecurityToken;

namespace Coriolis.Providers.Aws;

/// <summary>Where and as whom AWS is called.</summary>
/// <param name="Region">The region.</param>
/// <param name="Credentials">The credentials.</param>
/// <param name="Options">Endpoint, proxy and the like, as every client of the registration has them.</param>
internal sealed record AwsEndpoint(string Region, AWSCredentials Credentials, AWSOptions Options)
{
    /// <summary>Resolves connection info; what it leaves out comes from the AWS SDK's usual chain.</summary>
    public static AwsEndpoint From(AwsConnectionInfo connection)
    {
        var profile = FindProfile(connection.Profile);
        var region = connection.Region ?? profile?.Region?.SystemName ?? FallbackRegionFactory.GetRegionEndpoint()?.SystemName ?? throw NoRegion();
        var options = new AWSOptions { Region = RegionEndpoint.GetBySystemName(region), Profile = connection.Profile };
        if (connection.EndpointUrl is { } url)
        {
            options.DefaultClientConfig.ServiceURL = url.AbsoluteUri;
        }

        var credentials = ResolveCredentials(connection);
        if (connection.RoleArn is { } role)
        {
            var sts = new AmazonSecurityTokenServiceClient(credentials, AwsClientFactory.Configure(new AmazonSecurityTokenServiceConfig(), options, retryOurselves: false));
            credentials = new AssumedRoleCredentials(sts, role, connection.ExternalId);
        }

        return new AwsEndpoint(region, credentials, options);
    }

    /// <summary>Takes over what the host has configured for all of its AWS clients.</summary>
    public static AwsEndpoint From(AWSOptions options)
    {
        var region = options.Region?.SystemName ?? FallbackRegionFactory.GetRegionEndpoint()?.SystemName ?? throw NoRegion();
        options.Region ??= RegionEndpoint.GetBySystemName(region);
        return new AwsEndpoint(region, options.GetCredentials(), options);
    }

    private static AWSCredentials ResolveCredentials(AwsConnectionInfo connection)
    {
        if (connection is { AccessKeyId: { } id, SecretAccessKey: { } secret })
        {
            return connection.SessionToken is { } token ? new SessionAWSCredentials(id, secret, token) : new BasicAWSCredentials(id, secret);
        }

        if (connection.Profile is not { } profile)
        {
            return DefaultAWSCredentialsIdentityResolver.GetCredentials();
        }

        return new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out var credentials)
            ? credentials
            : throw new SourceAccessDeniedException($"The profile '{profile}' does not exist or holds no credentials.") { Remedy = "Check ~/.aws/config." };
    }

    private static CredentialProfile? FindProfile(string? name) =>
        name is not null && new CredentialProfileStoreChain().TryGetProfile(name, out var profile) ? profile : null;

    private static SourceException NoRegion() =>
        new("No region is configured.") { Remedy = "Give the region of the instance: --region, AWS_REGION, a profile or the connection info." };
}
