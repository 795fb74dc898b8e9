using Amazon.Runtime;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>The only default configuration mode that the EBS client offers; its timeouts are in <see cref="EbsClientOptions"/>.</summary>
internal sealed class EbsDefaultConfiguration : IDefaultConfiguration
{
    public DefaultConfigurationMode Name => DefaultConfigurationMode.Standard;

    public RequestRetryMode RetryMode => RequestRetryMode.Standard;

    public S3UsEast1RegionalEndpointValue S3UsEast1RegionalEndpoint => S3UsEast1RegionalEndpointValue.Regional;

    public TimeSpan? ConnectTimeout => null;

    public TimeSpan? TlsNegotiationTimeout => null;

    public TimeSpan? TimeToFirstByteTimeout => null;

    public TimeSpan? HttpRequestTimeout => null;
}
