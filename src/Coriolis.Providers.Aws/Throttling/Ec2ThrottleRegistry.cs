using System.Collections.Concurrent;
using Amazon.Runtime;

namespace Coriolis.Providers.Aws.Throttling;

/// <summary>Hands out the one <see cref="Ec2Throttle"/> of each identity, region and endpoint; registered once per process.</summary>
/// <remarks>
/// Safe for concurrent use. Which account credentials belong to is not known before the first call. Two registrations with the same access
/// key share a throttle; those with different credentials of one account learn of each other by being refused.
/// </remarks>
internal sealed class Ec2ThrottleRegistry(TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<(AWSCredentials Credentials, string Region, string? ServiceUrl), Ec2Throttle> _throttles = new();

    /// <summary>The throttle for calls to an endpoint.</summary>
    public Ec2Throttle Get(AwsEndpoint endpoint) => _throttles.GetOrAdd(
        (endpoint.Credentials, endpoint.Region, endpoint.ServiceUrl), static (_, time) => new Ec2Throttle(time), timeProvider);
}
