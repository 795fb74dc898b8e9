using Amazon.EC2;
using Amazon.Extensions.NETCore.Setup;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Finds or makes the clients of a registration: connection info first, then clients that the host registered, then
/// its <see cref="AWSOptions"/>, then the AWS SDK's usual chain.
/// </summary>
internal static class AwsClientFactory
{
    public static AwsClients Create(IServiceProvider services, string? name)
    {
        if (services.GetKeyedService<AwsConnectionInfo>(name) is { } connection)
        {
            return Create(AwsEndpoint.From(connection), retryOurselves: true);
        }

        var options = services.GetKeyedService<AWSOptions>(name) ?? services.GetService<AWSOptions>();
        if (services.GetKeyedService<IAmazonEC2>(name) is not { } ec2)
        {
            return Create(options is null ? AwsEndpoint.From(new AwsConnectionInfo()) : AwsEndpoint.From(options), retryOurselves: true);
        }

        // The host's client knows the region best; its credentials cannot be read back from it.
        options ??= new AWSOptions();
        options.Region ??= ec2.Config.RegionEndpoint;
        options.DefaultClientConfig.ServiceURL ??= ec2.Config.ServiceURL;
        var endpoint = ec2.Config.DefaultAWSCredentials is { } credentials
            ? new AwsEndpoint(RegionOf(ec2, options), credentials, options)
            : AwsEndpoint.From(options);
        var own = Create(endpoint, retryOurselves: false);
        return own with
        {
            Ec2 = ec2,
            Kms = services.GetKeyedService<IAmazonKeyManagementService>(name) ?? own.Kms,
            Sts = services.GetKeyedService<IAmazonSecurityTokenService>(name) ?? own.Sts,
        };
    }

    /// <summary>Gives a client's configuration the region and the endpoint, and turns its retries off when ours replace them.</summary>
    public static TConfig Configure<TConfig>(TConfig config, AWSOptions options, bool retryOurselves)
        where TConfig : ClientConfig
    {
        var shared = options.DefaultClientConfig;
        config.RegionEndpoint = options.Region;
        config.AuthenticationRegion = shared.AuthenticationRegion ?? config.AuthenticationRegion;
        config.UseFIPSEndpoint = shared.UseFIPSEndpoint ?? config.UseFIPSEndpoint;
        config.UseDualstackEndpoint = shared.UseDualstackEndpoint ?? config.UseDualstackEndpoint;
        config.IgnoreConfiguredEndpointUrls = shared.IgnoreConfiguredEndpointUrls ?? config.IgnoreConfiguredEndpointUrls;
        config.UseHttp = shared.UseHttp ?? config.UseHttp;
        config.MaxConnectionsPerServer = shared.MaxConnectionsPerServer ?? config.MaxConnectionsPerServer;

        // The SDK refuses null for these two, although that is what they begin with.
        if (shared.Timeout is { } timeout)
        {
            config.Timeout = timeout;
        }

        if (shared.ConnectTimeout is { } connectTimeout)
        {
            config.ConnectTimeout = connectTimeout;
        }

        if (shared.ServiceURL is { } url)
        {
            // An endpoint makes the SDK forget the region, which requests must still be signed for.
            config.AuthenticationRegion ??= options.Region?.SystemName;
            config.ServiceURL = url;
        }

        if (retryOurselves)
        {
            config.MaxErrorRetry = 0;
        }

        return config;
    }

    private static AwsClients Create(AwsEndpoint endpoint, bool retryOurselves)
    {
        var (_, credentials, options) = endpoint;
        return new AwsClients(
            new AmazonEC2Client(credentials, Configure(new AmazonEC2Config(), options, retryOurselves)),
            new AmazonKeyManagementServiceClient(credentials, Configure(new AmazonKeyManagementServiceConfig(), options, retryOurselves)),
            new AmazonSecurityTokenServiceClient(credentials, Configure(new AmazonSecurityTokenServiceConfig(), options, retryOurselves)),
            endpoint,
            retryOurselves);
    }

    private static string RegionOf(IAmazonEC2 ec2, AWSOptions options) =>
        options.Region?.SystemName ?? ec2.Config.AuthenticationRegion ?? AwsEndpoint.From(options).Region;
}
