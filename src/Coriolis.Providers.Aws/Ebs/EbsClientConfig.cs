using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using Amazon.Util.Internal;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>
/// The configuration of an <see cref="EbsClient"/>: region, endpoint override (also <c>AWS_ENDPOINT_URL_EBS</c>), FIPS, dual-stack,
/// proxy and timeouts behave as in every client of the AWS SDK.
/// </summary>
internal sealed class EbsClientConfig : ClientConfig
{
    private static readonly string s_userAgent = $"{InternalSDKUtils.BuildUserAgentString("EBS", AwsTelemetry.Version)} lib/coriolis-aws#{AwsTelemetry.Version}";

    public EbsClientConfig()
        : base(new DefaultConfigurationProvider([new EbsDefaultConfiguration()]))
    {
        ServiceId = "EBS";
        AuthenticationServiceName = "ebs";
    }

    public override string RegionEndpointServiceName => "ebs";

    public override string ServiceVersion => "2019-11-02";

    public override string UserAgent => s_userAgent;

    /// <summary>The region that requests are signed for.</summary>
    /// <remarks>The configured region counts even when the endpoint is overridden by <c>AWS_ENDPOINT_URL</c>.</remarks>
    public string SigningRegion => AuthenticationRegion
        ?? RegionEndpoint?.SystemName
        ?? AWS4Signer.DetermineSigningRegion(this, RegionEndpointServiceName, null, null);

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) => DetermineEndpoint();

    /// <summary>Where requests are sent to.</summary>
    /// <exception cref="AmazonClientException">There is no region, or the combination of settings has no endpoint.</exception>
    public Endpoint DetermineEndpoint()
    {
        if (ServiceURL is { Length: > 0 } serviceUrl)
        {
            return UseFIPSEndpoint
                ? throw new AmazonClientException("A FIPS endpoint and a custom endpoint cannot be combined.")
                : new Endpoint(serviceUrl);
        }

        var region = RegionEndpoint?.SystemName
            ?? throw new AmazonClientException("No region is configured for the EBS direct APIs. Set AWS_REGION or the region of the profile.");
        var partition = Fn.Partition(region);
        if (UseDualstackEndpoint && !partition.supportsDualStack)
        {
            throw new AmazonClientException($"The partition {partition.name} has no dual-stack endpoints.");
        }

        var service = UseFIPSEndpoint ? "ebs-fips" : "ebs";
        var suffix = UseDualstackEndpoint ? partition.dualStackDnsSuffix : partition.dnsSuffix;
        return new Endpoint($"{(UseHttp ? "http" : "https")}://{service}.{region}.{suffix}");
    }
}
