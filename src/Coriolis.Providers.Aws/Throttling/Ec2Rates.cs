namespace Coriolis.Providers.Aws.Throttling;

/// <summary>Requests of an EC2 operation that are sent at most: 80 % of what EC2 is known or assumed to give an account by default.</summary>
/// <remarks>
/// For reading, a bucket of 100 and 20 a second are the example of "Request throttling for the Amazon EC2 API" in the Amazon EC2 Developer Guide.
/// For changing (50 and 5) and launching (5 and 2) the figures are assumed, not checked against its tables; where they are too high, what EC2 refuses
/// lowers the rate.
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
