using Amazon;
using Amazon.EC2;
using Amazon.Extensions.NETCore.Setup;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using Amazon.SecurityToken;

namespace Coriolis.Providers.Aws;

/// <summary>Where and as whom AWS is called.</summary>
/// <param name="Region">The region.</param>
/// <param name="Credentials">The credentials.</param>
/// <param name="Shared">What the host has configured for all of its AWS clients.</param>
/// <param name="ServiceUrl">One endpoint for all services; null for AWS's own.</param>
internal sealed record AwsEndpoint(string Region, AWSCredentials Credentials, DefaultClientConfig Shared, string? ServiceUrl)
{
    /// <summary>Resolves connection info; what it leaves out comes from the AWS SDK's usual chain.</summary>
    public static AwsEndpoint From(AwsConnectionInfo connection)
    {
        var region = connection.Region ?? RegionOfProfile(connection.Profile) ?? RegionOfEnvironment();
        var shared = new AWSOptions().DefaultClientConfig;
        var endpoint = new AwsEndpoint(region, ResolveCredentials(connection), shared, connection.EndpointUrl?.AbsoluteUri);
        if (connection.RoleArn is not { } role)
        {
            return endpoint;
        }

        var sts = new AmazonSecurityTokenServiceClient(endpoint.Credentials, endpoint.Configure(new AmazonSecurityTokenServiceConfig()));
        return endpoint with { Credentials = new AssumedRoleCredentials(sts, role, connection.ExternalId) };
    }

    /// <summary>Takes over what the host has configured for all of its AWS clients.</summary>
    public static AwsEndpoint From(AWSOptions options)
    {
        var shared = options.DefaultClientConfig;
        return new AwsEndpoint(options.Region?.SystemName ?? RegionOfEnvironment(), options.GetCredentials(), shared, shared.ServiceURL);
    }

    /// <summary>Goes where a client of the host's goes. Its credentials cannot be read back unless its configuration has them.</summary>
    public static AwsEndpoint From(IAmazonEC2 client, AWSOptions options)
    {
        var config = client.Config;
        var shared = options.DefaultClientConfig;
        var region = config.RegionEndpoint?.SystemName ?? config.AuthenticationRegion ?? options.Region?.SystemName ?? RegionOfEnvironment();
        return new AwsEndpoint(
            region, config.DefaultAWSCredentials ?? options.GetCredentials(), shared, config.ServiceURL ?? shared.ServiceURL);
    }

    /// <summary>Gives a client's configuration the region, the endpoint and the host's settings.</summary>
    public TConfig Configure<TConfig>(TConfig config)
        where TConfig : ClientConfig
    {
        config.RegionEndpoint = RegionEndpoint.GetBySystemName(Region);
        // An endpoint, also that of AWS_ENDPOINT_URL, makes the SDK forget the region, which requests must still be signed for.
        config.AuthenticationRegion = Shared.AuthenticationRegion ?? config.AuthenticationRegion ?? Region;
        config.UseFIPSEndpoint = Shared.UseFIPSEndpoint ?? config.UseFIPSEndpoint;
        config.UseDualstackEndpoint = Shared.UseDualstackEndpoint ?? config.UseDualstackEndpoint;
        config.IgnoreConfiguredEndpointUrls = Shared.IgnoreConfiguredEndpointUrls ?? config.IgnoreConfiguredEndpointUrls;
        config.UseHttp = Shared.UseHttp ?? config.UseHttp;
        config.MaxConnectionsPerServer = Shared.MaxConnectionsPerServer ?? config.MaxConnectionsPerServer;

        // The SDK refuses null for these two, although that is what they begin with.
        if (Shared.Timeout is { } timeout)
        {
            config.Timeout = timeout;
        }

        if (Shared.ConnectTimeout is { } connectTimeout)
        {
            config.ConnectTimeout = connectTimeout;
        }

        if (ServiceUrl is not null)
        {
            config.ServiceURL = ServiceUrl;
        }

        return config;
    }

    private static AWSCredentials ResolveCredentials(AwsConnectionInfo connection)
    {
        if (connection is { AccessKeyId: { } id, SecretAccessKey: { } secret })
        {
            return connection.SessionToken is { } token
                ? new SessionAWSCredentials(id, secret, token)
                : new BasicAWSCredentials(id, secret);
        }

        try
        {
            return connection.Profile is not { } profile ? DefaultAWSCredentialsIdentityResolver.GetCredentials()
                : new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out var credentials) ? credentials
                : throw new SourceAccessDeniedException($"The profile '{profile}' does not exist or holds no credentials.")
                {
                    Remedy = "Check ~/.aws/config.",
                };
        }
        catch (AmazonClientException error)
        {
            throw new SourceAccessDeniedException($"There are no usable AWS credentials: {error.Message}", error)
            {
                Remedy = "Give an access key, a profile or a role, or sign in (aws sso login).",
            };
        }
    }

    private static string? RegionOfProfile(string? name) =>
        name is not null && new CredentialProfileStoreChain().TryGetProfile(name, out var profile) ? profile.Region?.SystemName : null;

    private static string RegionOfEnvironment() => FallbackRegionFactory.GetRegionEndpoint()?.SystemName
        ?? throw new SourceException("No region is configured.")
        {
            Remedy = "Give the region of the instance: --region, AWS_REGION, a profile or the connection info.",
        };
}
