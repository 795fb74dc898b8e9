namespace Coriolis.Providers.Aws.Throttling;

/// <summary>Requests of an EC2 operation that are sent at most: 80 % of what EC2 gives an account by default.</summary>
/// <remarks>
/// Source: "Request throttling for the Amazon EC2 API" in the Amazon EC2 Developer Guide, which names a bucket and its refill for groups of
/// operations. Where operations of a group have more, the least counts. Accounts that have been given more are not slowed down for
/// long: what is asked of EC2 in one execution seldom exceeds the bucket.
/// </remarks>
internal static class Ec2Rates
{
    private const double Share = 0.8;

    /// <summary>The rate of an operation, in requests per second, and how many an idle bucket holds.</summary>
    public static (double PerSecond, double Burst) Of(string operation) => operation switch
    {
        "RunInstances" or "StartInstances" => (2 * Share, 5 * Share),
        _ when operation.StartsWith("Describe", StringComparison.Ordinal) || operation.StartsWith("Get", StringComparison.Ordinal) => (20 * Share, 100 * Share),
        _ => (5 * Share, 50 * Share),
    };
}
