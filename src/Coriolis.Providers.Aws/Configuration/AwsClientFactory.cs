using Amazon.EC2;
using Amazon.Extensions.NETCore.Setup;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SecurityToken;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Providers.Aws;

/// <summary>
/// Finds or makes the clients of a registration: connection info first, then clients that the host registered, then
/// its <see cref="AWSOptions"/>, then the AWS SDK's usual chain.
/// </summary>
internal static class AwsClientFactory
{
    private static readonly string s_userAgent = $"lib/coriolis-aws#{AwsTelemetry.Version}";

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

        var own = Create(AwsEndpoint.From(ec2, options ?? new AWSOptions()), retryOurselves: false);
        return own with
        {
            Ec2 = ec2,
            Kms = services.GetKeyedService<IAmazonKeyManagementService>(name) ?? own.Kms,
            Sts = services.GetKeyedService<IAmazonSecurityTokenService>(name) ?? own.Sts,
        };
    }

    private static AwsClients Create(AwsEndpoint endpoint, bool retryOurselves)
    {
        return new AwsClients(
            Announce(new AmazonEC2Client(endpoint.Credentials, Configure(new AmazonEC2Config()))),
            Announce(new AmazonKeyManagementServiceClient(endpoint.Credentials, Configure(new AmazonKeyManagementServiceConfig()))),
            Announce(new AmazonSecurityTokenServiceClient(endpoint.Credentials, Configure(new AmazonSecurityTokenServiceConfig()))),
            endpoint,
            retryOurselves);

        TConfig Configure<TConfig>(TConfig config)
            where TConfig : ClientConfig
        {
            endpoint.Configure(config);
            if (retryOurselves)
            {
                // Also not after a broken connection: the SDK would send CreateSnapshots a second time, unseen.
                config.MaxErrorRetry = 0;
                config.MaxStaleConnectionRetries = 0;
            }

            return config;
        }
    }

    private static TClient Announce<TClient>(TClient client)
        where TClient : AmazonServiceClient
    {
        client.BeforeRequestEvent += static (_, args) =>
        {
            if (args is WebServiceRequestEventArgs { Request: IAmazonWebServiceRequest request })
            {
                request.UserAgentDetails.AddUserAgentComponent(s_userAgent);
            }
        };
        return client;
    }
}
