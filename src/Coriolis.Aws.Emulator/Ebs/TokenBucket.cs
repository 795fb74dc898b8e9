namespace Coriolis.Aws.Emulator.Ebs;

/// <summary>Allows a number of requests per second, and as many at once after a second of rest.</summary>
internal sealed class TokenBucket(int perSecond, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private double _tokens = perSecond;
    private long _filledAt = timeProvider.GetTimestamp();

    public bool TryTake()
    {
        lock (_gate)
        {
            var now = timeProvider.GetTimestamp();
            _tokens = Math.Min(perSecond, _tokens + timeProvider.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond);
            _filledAt = now;
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }
}
