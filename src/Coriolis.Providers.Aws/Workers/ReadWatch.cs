namespace Coriolis.Providers.Aws.Workers;

/// <summary>Knows for how long nothing has come of a disk that somebody waits for. Thread-safe.</summary>
internal sealed class ReadWatch(TimeProvider timeProvider)
{
    private int _waiting;
    private long _since;

    /// <summary>How long those who wait have not had anything; zero when nobody waits.</summary>
    public TimeSpan Silence => Volatile.Read(ref _waiting) == 0 ? TimeSpan.Zero : timeProvider.GetElapsedTime(Volatile.Read(ref _since));

    public void Begin()
    {
        if (Volatile.Read(ref _waiting) == 0)
        {
            Volatile.Write(ref _since, timeProvider.GetTimestamp());
        }

        Interlocked.Increment(ref _waiting);
    }

    /// <summary>Ends one wait, with or without a result: the others have at least seen the disk work.</summary>
    public void End()
    {
        Volatile.Write(ref _since, timeProvider.GetTimestamp());
        Interlocked.Decrement(ref _waiting);
    }
}
