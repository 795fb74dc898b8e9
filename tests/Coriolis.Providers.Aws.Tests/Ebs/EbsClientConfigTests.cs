using Amazon;
using Amazon.Extensions.NETCore.Setup;
using Amazon.Runtime;
using Coriolis.Providers.Aws.Ebs;

namespace Coriolis.Providers.Aws.Tests.Ebs;

[NonParallelizable]
public sealed class EbsClientConfigTests
{
    [TestCase("us-east-1", false, false, "https://ebs.us-east-1.amazonaws.com")]
    [TestCase("us-east-1", true, false, "https://ebs-fips.us-east-1.amazonaws.com")]
    [TestCase("eu-west-1", false, true, "https://ebs.eu-west-1.api.aws")]
    [TestCase("us-gov-west-1", true, true, "https://ebs-fips.us-gov-west-1.api.aws")]
    [TestCase("cn-north-1", false, false, "https://ebs.cn-north-1.amazonaws.com.cn")]
    [TestCase("cn-north-1", false, true, "https://ebs.cn-north-1.api.amazonwebservices.com.cn")]
    [TestCase("us-iso-east-1", false, false, "https://ebs.us-iso-east-1.c2s.ic.gov")]
    public void DetermineEndpoint_Region_FollowsPartitionAndVariant(string region, bool fips, bool dualStack, string expected)
    {
        var config = new EbsClientConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region), UseFIPSEndpoint = fips, UseDualstackEndpoint = dualStack };

        var endpoint = config.DetermineEndpoint();

        Assert.That(endpoint.URL, Is.EqualTo(expected));
        Assert.That(config.SigningRegion, Is.EqualTo(region));
    }

    [TestCase("AWS_ENDPOINT_URL_EBS")]
    [TestCase("AWS_ENDPOINT_URL")]
    public void DetermineEndpoint_EnvironmentVariable_OverridesTheEndpointAndKeepsTheRegion(string variable)
    {
        Environment.SetEnvironmentVariable(variable, "http://127.0.0.1:4599");
        try
        {
            var config = new EbsClientConfig { RegionEndpoint = RegionEndpoint.EUCentral1 };

            var endpoint = config.DetermineEndpoint();

            Assert.That(endpoint.URL.TrimEnd('/'), Is.EqualTo("http://127.0.0.1:4599"));
            Assert.That(config.SigningRegion, Is.EqualTo("eu-central-1"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Test]
    public void DetermineEndpoint_FipsWithCustomEndpoint_IsRefused()
    {
        var config = new EbsClientConfig { ServiceURL = "http://127.0.0.1:1", UseFIPSEndpoint = true };

        Assert.That(() => config.DetermineEndpoint(), Throws.TypeOf<AmazonClientException>());
    }

    [Test]
    public void Configure_SharedOptions_TakesRegionEndpointAndTimeouts()
    {
        var options = new AWSOptions { Region = RegionEndpoint.EUWest2, Credentials = new AnonymousAWSCredentials() };
        options.DefaultClientConfig.ServiceURL = "http://127.0.0.1:4599";
        options.DefaultClientConfig.Timeout = TimeSpan.FromSeconds(7);

        var config = AwsEndpoint.From(options).Configure(new EbsClientConfig());

        Assert.That(config.DetermineEndpoint().URL.TrimEnd('/'), Is.EqualTo("http://127.0.0.1:4599"));
        Assert.That(config.SigningRegion, Is.EqualTo("eu-west-2"));
        Assert.That(config.Timeout, Is.EqualTo(TimeSpan.FromSeconds(7)));
    }

    [Test]
    public void UserAgent_Always_NamesTheLibraryAndItsVersion()
    {
        var config = new EbsClientConfig();

        Assert.That(config.UserAgent, Does.Contain("aws-sdk-dotnet").And.Match(@" lib/coriolis-aws#\d+\.\d+\.\d+"));
    }
}
