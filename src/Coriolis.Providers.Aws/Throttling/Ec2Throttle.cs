using System.Collections.Concurrent;

namespace Coriolis.Providers.Aws.Throttling;

/// <summary>The client-side rate limits of the EC2 API for one account in one region: a bucket for each operation, as EC2 has them.</summary>
/// <remarks>
/// Safe for concurrent use; everything that calls EC2 as the same identity in this process shares one instance. Requests are served in the
/// order of their arrival, which is fair enough: an execution has one under way at a time, or a few when it deletes snapshots.
/// </remarks>
internal sealed class Ec2Throttle(TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<string, AdaptiveRateLimiter> _operations = new(StringComparer.Ordinal);

    /// <summary>Takes a permit of an operation, waiting for it when there is none.</summary>
    public ValueTask WaitAsync(string operation, CancellationToken cancellationToken) => Operation(operation).WaitAsync("", cancellationToken);

    /// <summary>Tells that EC2 refused a request because of its rate.</summary>
    public void OnThrottled(string operation) => Operation(operation).OnThrottled();

    /// <summary>The limiter of an operation.</summary>
    internal AdaptiveRateLimiter Operation(string operation) => _operations.GetOrAdd(
        operation,
        static (name, time) =>
        {
            var (rate, burst) = Ec2Rates.Of(name);
            return new AdaptiveRateLimiter(rate, time, burst);
        },
        timeProvider);
}
