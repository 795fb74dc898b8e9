using Amazon;
using Amazon.Extensions.NETCore.Setup;
using Amazon.Runtime;

namespace Coriolis.Cli;

/// <summary>Which account, region and endpoint to talk to. What is not set comes from the AWS SDK's usual chain.</summary>
internal sealed record ConnectionSettings
{
    public string? Region { get; init; }

    public string? Profile { get; init; }

    public Uri? EndpointUrl { get; init; }

    public AWSCredentials? Credentials { get; init; }

    public AWSOptions ToAwsOptions()
    {
        var options = new AWSOptions { Profile = Profile, Credentials = Credentials };
        if (Region is not null)
        {
            options.Region = RegionEndpoint.GetBySystemName(Region);
        }

        if (EndpointUrl is not null)
        {
            options.DefaultClientConfig.ServiceURL = EndpointUrl.AbsoluteUri;
        }

        return options;
    }
}
