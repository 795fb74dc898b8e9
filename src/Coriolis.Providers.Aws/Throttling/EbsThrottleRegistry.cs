using System.Collections.Concurrent;

namespace Coriolis.Providers.Aws.Throttling;

/// <summary>Hands out the one <see cref="EbsThrottle"/> of each account and region; registered once per process.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class EbsThrottleRegistry(TimeProvider timeProvider)
{
    private readonly ConcurrentDictionary<(string Account, string Region), EbsThrottle> _throttles = new();

    /// <summary>The throttle of an account and region.</summary>
    /// <param name="account">The account id, or what stands for it when it is not known, such as the access key id.</param>
    /// <param name="region">The region.</param>
    /// <param name="rates">The limits; the first caller's count.</param>
    public EbsThrottle Get(string account, string region, EbsRates rates) =>
        _throttles.GetOrAdd((account, region), static (_, state) => new EbsThrottle(state.rates, state.timeProvider), (rates, timeProvider));
}
